/* Numeric addresses and localhost need no network.
 * csim: --strategy dpor --outcomes
 * expect: clean
 * outcomes: "127.0.0.1:80 localhost\n"
 */
#include <arpa/inet.h>
#include <assert.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
  struct addrinfo* found = NULL;
  assert(getaddrinfo("127.0.0.1", "80", &hints, &found) == 0);
  const struct sockaddr_in* in = (const struct sockaddr_in*)found->ai_addr;
  printf("%s:%d", inet_ntoa(in->sin_addr), ntohs(in->sin_port));
  freeaddrinfo(found);
  assert(getaddrinfo("localhost", "80", &hints, &found) == 0);
  in = (const struct sockaddr_in*)found->ai_addr;
  assert(in->sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  freeaddrinfo(found);
  const struct hostent* host = gethostbyname("localhost");
  assert(host != NULL && host->h_addrtype == AF_INET);
  printf(" localhost\n");
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in far = {.sin_family = AF_INET, .sin_port = htons(80)};
  inet_aton("93.184.216.34", &far.sin_addr);
  assert(connect(fd, (struct sockaddr*)&far, sizeof far) == -1);
  close(fd);
  return 0;
}
