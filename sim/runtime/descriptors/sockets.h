// What the calls on sockets share: which socket, and which address.
#ifndef CSIM_SIM_RUNTIME_DESCRIPTORS_SOCKETS_H_
#define CSIM_SIM_RUNTIME_DESCRIPTORS_SOCKETS_H_

#include <sys/socket.h>

#include "sim/runtime/descriptors/descriptors.h"

namespace csim {

inline constexpr uint32_t kStreamCapacity = 212992;  // bytes in one direction

// The socket behind a number; null with *error set if there is none.
Socket* SocketOf(int fd, long* error);
bool IsInternet(int domain);
// The internet address stands for this machine, or for any of its addresses.
bool IsHere(const SocketAddress& address);
// The program's address, checked. Negative errno if it is none for this domain.
long TakeAddress(int domain, const sockaddr* from, socklen_t size, SocketAddress* address);
// The number of the address; made if it has not been named yet.
uint32_t AddressOf(const SocketAddress& address, int type);
// Copies an address out to the program, as accept and getsockname do.
void GiveAddress(const SocketAddress& address, int domain, sockaddr* to, socklen_t* size);
// A name of its own for a socket that is used before it was given one.
long BindAnywhere(int fd, bool loopback);

}  // namespace csim

#endif  // CSIM_SIM_RUNTIME_DESCRIPTORS_SOCKETS_H_
