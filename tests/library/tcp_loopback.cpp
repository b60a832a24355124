// A server on the loopback address, and a client that may come before it listens.
// csim: --strategy dpor --outcomes
// expect: clean
// outcomes: "hello from 127.0.0.1:4711\n" "refused\n"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>

static sockaddr_in Local(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void Serve() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  assert(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
  sockaddr_in address = Local(4711);
  assert(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  assert(listen(listener, 1) == 0);
  sockaddr_in client{};
  socklen_t size = sizeof client;
  timeval patience{5, 0};
  assert(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
  const int connection = accept(listener, reinterpret_cast<sockaddr*>(&client), &size);
  if (connection >= 0) {
    assert(client.sin_addr.s_addr == htonl(INADDR_LOOPBACK) && ntohs(client.sin_port) >= 32768);
    const char text[] = "hello";
    assert(send(connection, text, sizeof text, MSG_NOSIGNAL) == sizeof text);
    close(connection);
  } else {
    assert(errno == EAGAIN);
  }
  close(listener);
}

int main() {
  std::thread server(Serve);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Local(4711);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    assert(errno == ECONNREFUSED);
    puts("refused");
  } else {
    char text[16] = "";
    const ssize_t n = recv(fd, text, sizeof text, MSG_WAITALL);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    assert(getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0);
    if (n == 6) printf("%s from %s:%d\n", text, inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
    if (n == 0) puts("refused");  // closed before it was accepted
  }
  close(fd);
  server.join();
}
