// The same small answer with Node's http. The port is the only argument.
import { createServer } from "node:http";

createServer((request, response) => {
  response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 5 });
  response.end("hello");
}).listen(Number(process.argv[2]), "127.0.0.1");
