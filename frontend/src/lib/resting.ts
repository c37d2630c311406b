// A list that goes on by itself rests while it is pointed at or has the focus: what somebody is about to
// open must not move away.

export const resting = (rests: (yes: boolean) => void) => (list: HTMLElement) => {
  // When something loses the focus, what gets it is known a moment later.
  const look = () => setTimeout(() => rests(list.matches(":hover, :focus-within")));
  const events = ["pointerenter", "pointerleave", "focusin", "focusout"];
  for (const event of events) list.addEventListener(event, look);
  return () => {
    for (const event of events) list.removeEventListener(event, look);
  };
};
