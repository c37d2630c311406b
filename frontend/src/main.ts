import { mount } from "svelte";
import "./styles.css";
import Page from "./Page.svelte";

export default mount(Page, { target: document.getElementById("page")! });
