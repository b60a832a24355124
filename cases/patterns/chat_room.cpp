// A chat room: a server and its clients are processes that talk over TCP. Names are unique, everybody
// hears who comes and who goes and what the others say, and the administrator speaks to all. The server
// is one thread that asks poll who has something for it, and deals with one thing at a time: nothing
// can come in between the question whether a name is taken and taking it, so all is right without a
// lock. With -DSAME_NAME both clients want the same name, and exactly one of them gets it.
//
// csim: --outcomes
// expect: clean
// outcomes: "ann and bob have met\n"
//
// csim: --outcomes -DSAME_NAME
// expect: clean
// outcomes: "one ann, one refused\n"
#include <poll.h>
#include <sys/wait.h>

#include <cstdio>

#include "chat_client.h"

constexpr int kClients = 2;

struct Connection {
  int fd = -1;         // -1: none (any more)
  char name[16] = "";  // empty: has not joined
};

class Server {
 public:
  explicit Server(int listener) : listener_(listener) {}

  // Until all clients have come and gone.
  void Run() {
    while (connected_ < kClients || Open() > 0) {
      pollfd wanted[kClients + 1];
      Connection* who[kClients + 1];
      nfds_t count = 0;
      for (Connection& connection : connections_) {
        if (connection.fd < 0) continue;
        who[count] = &connection;
        wanted[count++] = {connection.fd, POLLIN, 0};
      }
      if (connected_ < kClients) {
        who[count] = nullptr;
        wanted[count++] = {listener_, POLLIN, 0};
      }
      const int ready = poll(wanted, count, -1);
      assert(ready > 0);
      for (nfds_t i = 0; i < count; ++i) {
        if (wanted[i].revents != 0) Serve(who[i]);
      }
    }
  }

 private:
  int Open() const {
    int open = 0;
    for (const Connection& connection : connections_) open += connection.fd >= 0;
    return open;
  }

  void Serve(Connection* connection) {
    if (connection == nullptr) {
      connections_[connected_++].fd = accept(listener_, nullptr, nullptr);
      return;
    }
    Record record{};
    if (!Receive(connection->fd, &record)) {
      Leave(connection);
    } else if (record.kind == kJoin) {
      Join(connection, record.name);
    } else {
      Broadcast(record, connection);
    }
  }

  void Join(Connection* connection, const char* name) {
    if (IsTaken(name)) {
      Send(connection->fd, MakeRecord(kRefused, name));
    } else {
      std::snprintf(connection->name, sizeof connection->name, "%s", name);
      Send(connection->fd, MakeRecord(kWelcome, name));
      Broadcast(MakeRecord(kJoined, name), connection);
    }
    if (++answered_ == kClients)
      Broadcast(MakeRecord(kEverybody, "admin", "all are here"), nullptr);
  }

  void Leave(Connection* connection) {
    close(connection->fd);
    connection->fd = -1;
    if (connection->name[0] != 0) Broadcast(MakeRecord(kLeft, connection->name), connection);
  }

  bool IsTaken(const char* name) const {
    for (const Connection& connection : connections_) {
      if (connection.fd >= 0 && std::strcmp(connection.name, name) == 0) return true;
    }
    return false;
  }

  // To all who have joined, but for `except`.
  void Broadcast(const Record& record, const Connection* except) {
    for (const Connection& connection : connections_) {
      if (connection.fd >= 0 && connection.name[0] != 0 && &connection != except) {
        Send(connection.fd, record);
      }
    }
  }

  const int listener_;
  Connection connections_[kClients];
  int connected_ = 0;
  int answered_ = 0;
};

int main() {
  sockaddr_in address;
  const int listener = Listen(&address);
  pid_t clients[kClients];
  for (int i = 0; i < kClients; ++i) {
    clients[i] = fork();
    if (clients[i] != 0) continue;
    close(listener);
#ifdef SAME_NAME
    _exit(Visitor(address, "ann"));
#else
    _exit(i == 0 ? Speaker(address, "ann") : Listener(address, "bob", "ann"));
#endif
  }
  Server(listener).Run();
  close(listener);

  int welcome = 0;
  int saw_other_come = 0;
  for (const pid_t client : clients) {
    int status = 0;
    waitpid(client, &status, 0);
    assert(WIFEXITED(status));
    welcome += (WEXITSTATUS(status) & kWasWelcome) != 0;
    saw_other_come += (WEXITSTATUS(status) & kSawOtherCome) != 0;
  }
#ifdef SAME_NAME
  assert(welcome == 1 && saw_other_come == 0);
  dprintf(STDOUT_FILENO, "one ann, one refused\n");
#else
  assert(welcome == 2 && saw_other_come == 1);  // who came first saw the other come
  dprintf(STDOUT_FILENO, "ann and bob have met\n");
#endif
}
