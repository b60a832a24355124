// Sockets: making, naming and connecting them.
//
// An address is an object (ObjectKind::kAddress) that counts the connections nobody has accepted yet, or
// the datagrams that wait. Its "reading ends" are the sockets that listen, or are bound, there.
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "sim/runtime/descriptors/calls.h"
#include "sim/runtime/descriptors/sockets.h"
#include "sim/runtime/interpose/common.h"
#include "sim/runtime/raw_syscall.h"
#include "sim/runtime/reports.h"

namespace csim {

namespace {

constexpr uint32_t kMessageCapacity = 256;  // messages
constexpr uint32_t kFirstPort = 32768;

}  // namespace

// The socket behind a number; null with *error set if there is none.
Socket* SocketOf(int fd, long* error) {
  const OpenFile* file = FileOf(fd);
  if (file != nullptr && file->kind == FileKind::kSocket) return &All().sockets[file->detail];
  *error =
      file != nullptr || RawSyscall(SYS_fcntl, fd, 1 /* F_GETFD */, 0) >= 0 ? -ENOTSOCK : -EBADF;
  return nullptr;
}

namespace {

// ---- Addresses ----

}  // namespace

bool IsInternet(int domain) { return domain == AF_INET || domain == AF_INET6; }

namespace {

uint16_t PortOf(const SocketAddress& address) {
  sockaddr_in in{};  // the port lies at the same place in a sockaddr_in6
  memcpy(&in, address.bytes, sizeof in);
  return ntohs(in.sin_port);
}

void SetPort(SocketAddress& address, uint16_t port) {
  const uint16_t network = htons(port);
  memcpy(address.bytes + offsetof(sockaddr_in, sin_port), &network, sizeof network);
}

int FamilyOf(const SocketAddress& address) {
  sa_family_t family = 0;
  memcpy(&family, address.bytes, sizeof family);
  return family;
}

// The address of this family that stands for this machine, or for any of its addresses.
SocketAddress InternetAddress(int domain, bool loopback) {
  SocketAddress address;
  if (domain == AF_INET) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(loopback ? INADDR_LOOPBACK : INADDR_ANY);
    memcpy(address.bytes, &in, address.size = sizeof in);
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    if (loopback) in.sin6_addr.s6_addr[15] = 1;
    memcpy(address.bytes, &in, address.size = sizeof in);
  }
  return address;
}

}  // namespace

bool IsHere(const SocketAddress& address) {
  if (FamilyOf(address) == AF_INET) {
    sockaddr_in in{};
    memcpy(&in, address.bytes, sizeof in);
    const uint32_t host = ntohl(in.sin_addr.s_addr);
    return host == INADDR_ANY || host >> 24 == 127;
  }
  sockaddr_in6 in{};
  memcpy(&in, address.bytes, sizeof in);
  return IN6_IS_ADDR_UNSPECIFIED(&in.sin6_addr) || IN6_IS_ADDR_LOOPBACK(&in.sin6_addr) ||
         (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr) && in.sin6_addr.s6_addr[12] == 127);
}

// The program's address, checked. Negative errno if it is none for this domain.
long TakeAddress(int domain, const sockaddr* from, socklen_t size, SocketAddress* address) {
  if (from == nullptr || size < sizeof(sa_family_t)) return -EINVAL;
  *address = SocketAddress{};
  address->size = std::min<uint32_t>(size, sizeof address->bytes);
  NoteReads(from, address->size);
  memcpy(address->bytes, from, address->size);
  if (FamilyOf(*address) != domain) return -EAFNOSUPPORT;
  if (domain == AF_INET && size < sizeof(sockaddr_in)) return -EINVAL;
  if (domain == AF_INET6 && size < sizeof(sockaddr_in6)) return -EINVAL;
  return 0;
}

namespace {

// What names the address among all: the port, or the path.
SocketAddress KeyOf(const SocketAddress& address) {
  SocketAddress key;
  if (IsInternet(FamilyOf(address))) {
    key = InternetAddress(AF_INET, false);
    SetPort(key, PortOf(address));
    return key;
  }
  key = address;
  const size_t path = offsetof(sockaddr_un, sun_path);
  if (key.size > path && key.bytes[path] != 0) {  // up to its end
    key.size = static_cast<uint32_t>(path + strnlen(key.bytes + path, key.size - path));
    memset(key.bytes + key.size, 0, sizeof key.bytes - key.size);
  }
  return key;
}

bool Same(const SocketAddress& a, const SocketAddress& b) {
  return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

uint64_t NameOf(const SocketAddress& key, int type) {
  uint64_t name = static_cast<uint64_t>(type) + 0x5eed;
  for (uint32_t i = 0; i < key.size; ++i) {
    name = (name ^ static_cast<uint8_t>(key.bytes[i])) * 0x9e3779b97f4a7c15u;
    name ^= name >> 29;
  }
  return (name & ~(uint64_t{1} << 63)) | 1;
}

}  // namespace

// The number of the address; made if it has not been named yet.
uint32_t AddressOf(const SocketAddress& address, int type) {
  Descriptors& all = All();
  const SocketAddress key = KeyOf(address);
  for (uint32_t i = 1; i < all.addresses.size(); ++i) {
    if (all.addresses[i].type == type && Same(all.addresses[i].name, key)) return i;
  }
  const ObjectId object = all.AddChannel(ObjectKind::kAddress, 0);
  g_runtime.machine().object(object).name = NameOf(key, type);
  all.addresses.push_back({key, type, object});
  return static_cast<uint32_t>(all.addresses.size() - 1);
}

namespace {

bool IsPath(const SocketAddress& address) {
  return FamilyOf(address) == AF_UNIX && address.size > offsetof(sockaddr_un, sun_path) &&
         address.bytes[offsetof(sockaddr_un, sun_path)] != 0;
}

int BindAddress(uint32_t address, bool binds) {
  return Do(OpKind::kAddressBind, All().addresses[address].object, binds ? 1 : 0).error;
}

// A port that nobody has asked for. Who gets which one depends on the order: an operation.
uint16_t TakePort() {
  SocketAddress none = InternetAddress(AF_INET, false);
  Do(OpKind::kAddressBind, All().addresses[AddressOf(none, 0)].object, 0);
  return static_cast<uint16_t>(kFirstPort + All().ports++ % 28000);
}

// Gives the socket a name of its own if it has none.
void EnsureName(uint32_t number, bool loopback) {
  Socket& socket = All().sockets[number];
  if (socket.named || !IsInternet(socket.domain)) return;
  socket.local = InternetAddress(socket.domain, loopback);
  socket.named = true;
  const uint16_t port = TakePort();
  SetPort(All().sockets[number].local, port);
}

}  // namespace

// Copies an address out to the program, as accept and getsockname do.
void GiveAddress(const SocketAddress& address, int domain, sockaddr* to, socklen_t* size) {
  if (to == nullptr || size == nullptr) return;
  SocketAddress given = address;
  if (given.size == 0) {  // of a UNIX socket without a name
    const auto family = static_cast<sa_family_t>(domain);
    memcpy(given.bytes, &family, given.size = sizeof family);
  }
  const socklen_t part = std::min(*size, given.size);
  NoteWrites(to, part);
  memcpy(to, given.bytes, part);
  NoteWrites(size, sizeof *size);
  *size = given.size;
}

namespace {

long InstallSocket(const Socket& socket, ObjectId in, ObjectId out, int flags) {
  OpenFile file;
  file.kind = FileKind::kSocket;
  file.reads = file.writes = true;
  file.non_blocking = (flags & SOCK_NONBLOCK) != 0;
  file.made_at = g_runtime.CallSite();
  file.in = in;
  file.out = out;
  file.detail = static_cast<uint32_t>(All().sockets.size());
  All().sockets.push_back(socket);
  return Install(file, (flags & SOCK_CLOEXEC) != 0);
}

ObjectId MakeDirection(int type) {
  return type == SOCK_STREAM ? All().AddChannel(ObjectKind::kSocket, kStreamCapacity)
                             : All().AddChannel(ObjectKind::kQueue, kMessageCapacity);
}

// Null and *error if the domain or type is none that csim simulates.
bool Known(int domain, int type, long* error) {
  if (domain == AF_PACKET) ReportUncontrolled("socket(AF_PACKET)");
  if (domain == AF_NETLINK) ReportUncontrolled("socket(AF_NETLINK)");
  if (type == SOCK_RAW) ReportUncontrolled("socket(SOCK_RAW)");
  *error = 0;
  if (domain != AF_UNIX && !IsInternet(domain)) *error = -EAFNOSUPPORT;
  if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET) *error = -EINVAL;
  if (type == SOCK_SEQPACKET && domain != AF_UNIX) *error = -ESOCKTNOSUPPORT;
  return *error == 0;
}

constexpr int kTypeMask = ~(SOCK_NONBLOCK | SOCK_CLOEXEC);

}  // namespace

long SysSocket(int domain, int type, int protocol) {
  long error = 0;
  if (!Known(domain, type & kTypeMask, &error)) return error;
  Socket socket;
  socket.domain = domain;
  socket.type = type & kTypeMask;
  return InstallSocket(socket, kNoObject, kNoObject, type);
}

long SysSocketpair(int domain, int type, int protocol, int* ends) {
  long error = 0;
  if (!Known(domain, type & kTypeMask, &error)) return error;
  if (domain != AF_UNIX) return -EOPNOTSUPP;
  Socket socket;
  socket.domain = domain;
  socket.type = type & kTypeMask;
  socket.connected = socket.named = true;
  const ObjectId there = MakeDirection(socket.type);
  const ObjectId back = MakeDirection(socket.type);
  int numbers[2];
  numbers[0] = static_cast<int>(InstallSocket(socket, back, there, type));
  if (numbers[0] < 0) return numbers[0];
  numbers[1] = static_cast<int>(InstallSocket(socket, there, back, type));
  if (numbers[1] < 0) {
    SysClose(numbers[0]);
    return numbers[1];
  }
  NoteWrites(ends, sizeof numbers);
  memcpy(ends, numbers, sizeof numbers);
  return 0;
}

namespace {

// The file reads from its address from now on: connections that wait, or datagrams.
void Attach(uint32_t file, uint32_t capacity) {
  const ObjectId address = All().addresses[All().sockets[All().file(file).detail].address].object;
  Operation operation = OnChannel(OpKind::kChannelOpen, address, capacity);
  All().file(file).in = address;
  Perform(operation);
  const auto others = static_cast<int32_t>(All().file(file).descriptors) - 1;
  if (others > 0) g_runtime.machine().ChangeEnds(g_runtime.current(), address, others, 0);
}

uint32_t FileNumber(int fd) { return Table()[static_cast<size_t>(fd)].file; }

long BindSocket(int fd, const SocketAddress& address) {
  const uint32_t file = FileNumber(fd);
  const uint32_t number = All().file(file).detail;
  const uint32_t at = AddressOf(address, All().sockets[number].type);
  if (const int error = BindAddress(at, true); error != 0) return -error;
  Socket& socket = All().sockets[number];
  socket.local = address;
  socket.named = true;
  socket.address = at;
  if (socket.type == SOCK_DGRAM) Attach(file, kMessageCapacity);
  return 0;
}

}  // namespace

// A name of its own for a socket that is used before it was given one.
long BindAnywhere(int fd, bool loopback) {
  const uint32_t number = All().file(FileNumber(fd)).detail;
  if (!IsInternet(All().sockets[number].domain)) return -EINVAL;
  SocketAddress address = InternetAddress(All().sockets[number].domain, loopback);
  for (;;) {
    SetPort(address, TakePort());
    const long result = BindSocket(fd, address);
    if (result != -EADDRINUSE) return result;
  }
}

long SysBind(int fd, const sockaddr* from, socklen_t size) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  if (socket->named) return -EINVAL;
  SocketAddress address;
  if ((error = TakeAddress(socket->domain, from, size, &address)) != 0) return error;
  if (!IsInternet(socket->domain)) return BindSocket(fd, address);
  if (!IsHere(address)) return -EADDRNOTAVAIL;
  if (PortOf(address) != 0) return BindSocket(fd, address);
  return BindAnywhere(fd, Same(address, InternetAddress(socket->domain, true)));
}

long SysListen(int fd, int backlog) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  if (socket->type == SOCK_DGRAM) return -EOPNOTSUPP;
  if (socket->connected) return -EINVAL;
  if (socket->address == 0 && (error = BindAnywhere(fd, false)) != 0) return error;
  const uint32_t file = FileNumber(fd);
  Socket& mine = All().sockets[All().file(file).detail];
  const auto capacity = static_cast<uint32_t>(std::clamp(backlog, 0, 4096)) + 1;
  if (mine.listening) {
    g_runtime.machine().object(All().file(file).in).limit = capacity;
    return 0;
  }
  mine.listening = true;
  Attach(file, capacity);
  return 0;
}

long SysConnect(int fd, const sockaddr* to, socklen_t size) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  SocketAddress address;
  if ((error = TakeAddress(socket->domain, to, size, &address)) != 0) return error;
  if (IsInternet(socket->domain) && !IsHere(address)) return -ENETUNREACH;
  const uint32_t file = FileNumber(fd);
  const uint32_t number = All().file(file).detail;
  const uint32_t at = AddressOf(address, socket->type);
  if (socket->type == SOCK_DGRAM) {
    All().sockets[number].target = at;
    All().sockets[number].peer = address;
    All().sockets[number].connected = true;
    return 0;
  }
  if (socket->connected) return -EISCONN;
  if (socket->listening) return -EINVAL;
  const OpKind kind =
      All().file(file).non_blocking ? OpKind::kChannelTryWrite : OpKind::kChannelWrite;
  EnsureName(number, true);
  const int failed = DoCancelable(OnChannel(kind, All().addresses[at].object, 1)).error;
  if (failed != 0) return failed == EPIPE ? -ECONNREFUSED : -failed;
  const int type = All().sockets[number].type;
  Connection connection;
  connection.address = at;
  connection.to_server = MakeDirection(type);
  connection.to_client = MakeDirection(type);
  connection.client = All().sockets[number].local;
  All().connections.push_back(connection);
  Machine& machine = g_runtime.machine();
  const TaskId self = g_runtime.current();
  machine.ChangeEnds(self, connection.to_server, 1, 0);  // of the connection, until it is accepted
  machine.ChangeEnds(self, connection.to_client, 0, 1);
  All().file(file).in = connection.to_client;
  All().file(file).out = connection.to_server;
  CountEnds(All().file(file), static_cast<int32_t>(All().file(file).descriptors));
  Socket& mine = All().sockets[number];
  mine.connected = true;
  mine.peer = address;
  return 0;
}

long SysAccept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  long error = 0;
  const Socket* listener = SocketOf(fd, &error);
  if (listener == nullptr) return error;
  if (!listener->listening) return listener->type == SOCK_DGRAM ? -EOPNOTSUPP : -EINVAL;
  const OpenFile file = *FileOf(fd);
  const Socket from = *listener;
  Operation operation =
      OnChannel(file.non_blocking ? OpKind::kChannelTryRead : OpKind::kChannelRead, file.in, 1);
  if (from.receive_timeout != 0 && !file.non_blocking) {
    operation.deadline = g_runtime.machine().now() + from.receive_timeout;
  }
  const OpResult result = DoCancelable(operation);
  if (result.error != 0) return result.error == ETIMEDOUT ? -EAGAIN : -result.error;
  for (Connection& connection : All().connections) {
    if (connection.taken || connection.address != from.address) continue;
    connection.taken = true;
    Socket accepted;
    accepted.domain = from.domain;
    accepted.type = from.type;
    accepted.connected = accepted.named = true;
    accepted.local = from.local;
    accepted.peer = connection.client;
    if (IsInternet(from.domain)) {
      accepted.local = InternetAddress(from.domain, true);
      SetPort(accepted.local, PortOf(from.local));
    }
    const Connection taken = connection;
    const long number = InstallSocket(accepted, taken.to_server, taken.to_client, flags);
    if (number < 0) {
      CloseEnds(taken.to_server, taken.to_client, 1);
      return number;
    }
    // The ends that the connection held until now.
    g_runtime.machine().ChangeEnds(g_runtime.current(), taken.to_server, -1, 0);
    g_runtime.machine().ChangeEnds(g_runtime.current(), taken.to_client, 0, -1);
    GiveAddress(taken.client, from.domain, address, size);
    return number;
  }
  return -ECONNABORTED;
}

long SysShutdown(int fd, int how) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) return -EINVAL;
  if (!socket->connected) return -ENOTCONN;
  OpenFile& file = *FileOf(fd);
  Socket& mine = All().sockets[file.detail];
  const uint32_t count = file.descriptors;
  ObjectId reading = kNoObject;
  ObjectId writing = kNoObject;
  if (how != SHUT_WR) {
    std::swap(reading, file.in);
    mine.read_shut = true;
  }
  if (how != SHUT_RD) {
    std::swap(writing, file.out);
    mine.write_shut = true;
  }
  CloseEnds(reading, writing, count);
  return 0;
}

void CloseSocket(uint32_t file) {
  const Socket socket = All().sockets[All().file(file).detail];
  if (socket.listening) {
    for (size_t i = 0; i < All().connections.size(); ++i) {
      Connection& connection = All().connections[i];
      if (connection.taken || connection.address != socket.address) continue;
      connection.taken = true;
      CloseEnds(connection.to_server, connection.to_client, 1);
    }
    g_runtime.machine().object(All().addresses[socket.address].object).count = 0;
  }
  if (socket.address != 0 && !IsPath(socket.local)) BindAddress(socket.address, false);
}

bool UnbindPath(const char* path) {
  SocketAddress address;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const size_t length = strlen(path);
  if (length >= sizeof name.sun_path) return false;
  memcpy(name.sun_path, path, length + 1);
  memcpy(address.bytes, &name, sizeof name);
  address.size = static_cast<uint32_t>(offsetof(sockaddr_un, sun_path) + length + 1);
  const SocketAddress key = KeyOf(address);
  bool found = false;
  for (uint32_t i = 1; i < All().addresses.size(); ++i) {
    if (!Same(All().addresses[i].name, key)) continue;
    if (g_runtime.machine().object(All().addresses[i].object).once_state == 0) continue;
    BindAddress(i, false);
    found = true;
  }
  return found;
}

long SysGetsockname(int fd, sockaddr* address, socklen_t* size) {
  long error = 0;
  if (SocketOf(fd, &error) == nullptr) return error;
  const OpenFile file = *FileOf(fd);
  const Socket& socket = All().sockets[file.detail];
  SocketAddress local = socket.local;
  if (local.size == 0 && IsInternet(socket.domain)) local = InternetAddress(socket.domain, false);
  GiveAddress(local, socket.domain, address, size);
  return 0;
}

long SysGetpeername(int fd, sockaddr* address, socklen_t* size) {
  long error = 0;
  const Socket* socket = SocketOf(fd, &error);
  if (socket == nullptr) return error;
  if (!socket->connected) return -ENOTCONN;
  GiveAddress(socket->peer, socket->domain, address, size);
  return 0;
}

}  // namespace csim
