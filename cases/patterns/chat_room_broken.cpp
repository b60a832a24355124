// The chat room with a thread of the server for each client, which share the list of members. The list
// is under a mutex at every access, so there is no data race; but each access by itself is not enough:
//   (none)    whether a name is free is asked under the lock, and the name is taken under the lock, but
//             the lock is given up in between. Two clients ask, both hear that it is free: two anns
//   -DLOST    a message goes to the first member, the second, and so on, and the lock is given up in
//             between. If somebody in front leaves meanwhile, all others move up by one place, and
//             whoever was next gets nothing: bob waits for ever for what the administrator has said
// With -DFIXED, and with -DFIXED -DLOST, both are done under one lock.
//
// expect: bug assertion
//
// csim: -DLOST
// expect: bug deadlock
//
// csim: --outcomes -DFIXED
// expect: clean
// outcomes: "1 welcome\n"
//
// csim: --outcomes -DFIXED -DLOST
// expect: clean
// outcomes: "2 welcome\n"
#include <sys/wait.h>

#include <atomic>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chat_client.h"

constexpr int kClients = 2;

struct Member {
  int fd;
  std::string name;
};

class Room {
 public:
  // False if there is somebody of that name.
  bool Add(int fd, const std::string& name) {
#if defined(LOST) || defined(FIXED)
    const std::lock_guard<std::mutex> lock(mutex_);
    if (Has(name)) return false;
#else
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (Has(name)) return false;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
#endif
    Send(fd, MakeRecord(kWelcome, name.c_str()));
    Broadcast(MakeRecord(kJoined, name.c_str()), fd);
    members_.push_back({fd, name});
    return true;
  }

  void Remove(int fd) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].fd != fd) continue;
      const Member left = members_[i];
      members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(i));
      Broadcast(MakeRecord(kLeft, left.name.c_str()), fd);
      return;
    }
  }

  void Say(const Record& record, int from) {
#if defined(LOST) && !defined(FIXED)
    for (size_t i = 0;; ++i) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (i >= members_.size()) return;
      if (members_[i].fd != from) Send(members_[i].fd, record);
    }
#else
    const std::lock_guard<std::mutex> lock(mutex_);
    Broadcast(record, from);
#endif
  }

 private:
  // REQUIRES: mutex_ is held.
  bool Has(const std::string& name) const {
    for (const Member& member : members_) {
      if (member.name == name) return true;
    }
    return false;
  }
  // REQUIRES: mutex_ is held.
  void Broadcast(const Record& record, int from) {
    for (const Member& member : members_) {
      if (member.fd != from) Send(member.fd, record);
    }
  }

  std::mutex mutex_;
  std::vector<Member> members_;  // guarded by mutex_
};

Room room;
std::atomic<int> answered{0};

// What the server does for one client.
void Serve(int fd) {
  Record record{};
  while (Receive(fd, &record)) {
    if (record.kind != kJoin) {
      room.Say(record, fd);
      continue;
    }
    if (!room.Add(fd, record.name)) Send(fd, MakeRecord(kRefused, record.name));
    if (++answered == kClients) room.Say(MakeRecord(kEverybody, "admin", "all are here"), -1);
  }
  room.Remove(fd);
}

#ifdef LOST
const char* const names[kClients] = {"ann", "bob"};
#else
const char* const names[kClients] = {"ann", "ann"};
#endif

int main() {
  sockaddr_in address;
  const int listener = Listen(&address);
  pid_t clients[kClients];
  for (int i = 0; i < kClients; ++i) {
    clients[i] = fork();
    if (clients[i] == 0) {
      close(listener);
      _exit(Visitor(address, names[i]));
    }
  }
  std::vector<std::thread> servants;
  std::vector<int> connections;
  for (int i = 0; i < kClients; ++i) {
    connections.push_back(accept(listener, nullptr, nullptr));
    servants.emplace_back(Serve, connections.back());
  }
  for (std::thread& servant : servants) servant.join();
  for (const int connection : connections) close(connection);

  int welcome = 0;
  for (const pid_t client : clients) {
    int status = 0;
    waitpid(client, &status, 0);
    assert(WIFEXITED(status));
    welcome += (WEXITSTATUS(status) & kWasWelcome) != 0;
  }
#ifdef LOST
  assert(welcome == kClients);
#else
  assert(welcome == 1);  // both want the same name
#endif
  dprintf(STDOUT_FILENO, "%d welcome\n", welcome);
}
