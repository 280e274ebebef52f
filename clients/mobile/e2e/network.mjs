// The way between the phone and the platform, which can be cut: for pages, for
// the service worker and for what the browser does by itself alike.
import { connect, createServer } from "node:net";

const networks = new Set();

/** Ends every way that is still there. */
export function closeNetworks() {
  for (const network of networks) network.close();
}

/** Passes everything on to `target` until it is told to be down. */
export async function openNetwork(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let isDown = false;
  const server = createServer((phone) => {
    if (isDown) return void phone.destroy();
    const platform = connect(Number(port), hostname);
    for (const [socket, other] of [
      [phone, platform],
      [platform, phone],
    ]) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const down = () => {
    isDown = true;
    for (const socket of open) socket.destroy();
  };
  const network = {
    url: `http://127.0.0.1:${server.address().port}`,
    down,
    up: () => {
      isDown = false;
    },
    close: () => {
      down();
      server.close();
      networks.delete(network);
    },
  };
  networks.add(network);
  return network;
}
