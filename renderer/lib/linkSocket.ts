type Socket = Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState'>

const connecting = 0
const open = 1
const closed = 3

/**
 * The socket as the link may see it. Between the end of a socket and its `close` event the link still sends, for example
 * that a call was given up, and nobody waits for that to fail. What is sent then is dropped: the event ends every call.
 */
export const linkSocket = (socket: Socket): Socket => {
  let ended = false
  socket.addEventListener('close', () => {
    ended = true
  })
  return {
    get readyState() {
      return ended ? closed : socket.readyState === connecting ? connecting : open
    },
    send: (data) => {
      if (socket.readyState === open) socket.send(data)
    },
    addEventListener: socket.addEventListener.bind(socket),
    removeEventListener: socket.removeEventListener.bind(socket),
  }
}
