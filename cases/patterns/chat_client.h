// The clients of the chat room, and what they and a server say to each other: records of one size, so
// that one read gives one of them.
#ifndef CASES_PATTERNS_CHAT_CLIENT_H_
#define CASES_PATTERNS_CHAT_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cstring>

struct Record {
  char kind;
  char name[15];  // of whom it comes from or speaks of
  char text[16];
};

// Kinds. A client that closes its connection leaves.
constexpr char kJoin = 'J';       // client: I am `name`
constexpr char kWelcome = 'W';    // server: you are in
constexpr char kRefused = 'R';    // server: there is a `name` already
constexpr char kJoined = '+';     // server: `name` has come
constexpr char kLeft = '-';       // server: `name` has gone
constexpr char kMessage = 'M';    // client to server, server to the others
constexpr char kEverybody = 'A';  // the administrator, to all

inline Record MakeRecord(char kind, const char* name, const char* text = "") {
  Record record{};
  record.kind = kind;
  std::strncpy(record.name, name, sizeof record.name - 1);
  std::strncpy(record.text, text, sizeof record.text - 1);
  return record;
}

inline void Send(int fd, const Record& record) {
  const ssize_t count = send(fd, &record, sizeof record, MSG_NOSIGNAL);
  static_cast<void>(count);  // who has gone meanwhile gets nothing
}

// False: the other side has closed the connection.
inline bool Receive(int fd, Record* record) {
  size_t got = 0;
  while (got < sizeof *record) {
    const ssize_t count = read(fd, reinterpret_cast<char*>(record) + got, sizeof *record - got);
    if (count <= 0) return false;
    got += static_cast<size_t>(count);
  }
  return true;
}

// A socket that listens on a free port of this machine.
inline int Listen(sockaddr_in* address) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  *address = {};
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof *address;
  const bool listens = bind(listener, reinterpret_cast<sockaddr*>(address), size) == 0 &&
                       listen(listener, 8) == 0 &&
                       getsockname(listener, reinterpret_cast<sockaddr*>(address), &size) == 0;
  assert(listens);
  return listener;
}

// What a client tells by its exit code.
constexpr int kWasWelcome = 1;
constexpr int kSawOtherCome = 2;

class Client {
 public:
  explicit Client(const sockaddr_in& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const int result = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    assert(result == 0);
  }

  bool Join(const char* name) {
    ::Send(fd_, MakeRecord(kJoin, name));
    return Next().kind == kWelcome;
  }
  void Say(const char* name, const char* text) { ::Send(fd_, MakeRecord(kMessage, name, text)); }
  void Leave() { close(fd_); }

  Record Next() {
    Record record{};
    const bool there = Receive(fd_, &record);
    assert(there);
    return record;
  }

  // Until the administrator speaks, which is when all are there. Gives what to tell.
  int WaitForEverybody() {
    int seen = kWasWelcome;
    for (;;) {
      const Record record = Next();
      if (record.kind == kEverybody) return seen;
      if (record.kind == kJoined) seen |= kSawOtherCome;
    }
  }

  // Until `name` has left. True if a message of theirs came before.
  bool HearsBeforeLeaving(const char* name) {
    bool heard = false;
    for (;;) {
      const Record record = Next();
      if (std::strcmp(record.name, name) != 0) continue;
      if (record.kind == kMessage) heard = true;
      if (record.kind == kLeft) return heard;
    }
  }

 private:
  int fd_;
};

// Joins as `name` and leaves when the administrator has spoken.
inline int Visitor(const sockaddr_in& address, const char* name) {
  Client client(address);
  const int seen = client.Join(name) ? client.WaitForEverybody() : 0;
  client.Leave();
  return seen;
}

// Joins as `name`, says hello when everybody is there, and leaves.
inline int Speaker(const sockaddr_in& address, const char* name) {
  Client client(address);
  const bool welcome = client.Join(name);
  assert(welcome);
  const int seen = client.WaitForEverybody();
  client.Say(name, "hello");
  client.Leave();
  return seen;
}

// Joins as `name`, and stays until `speaker` has spoken and left.
inline int Listener(const sockaddr_in& address, const char* name, const char* speaker) {
  Client client(address);
  const bool welcome = client.Join(name);
  assert(welcome);
  const int seen = client.WaitForEverybody();
  const bool heard = client.HearsBeforeLeaving(speaker);
  assert(heard);
  client.Leave();
  return seen;
}

#endif  // CASES_PATTERNS_CHAT_CLIENT_H_
