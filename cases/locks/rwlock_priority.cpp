// A read-write lock: readers share it, a writer has it alone. Who goes first when both wait is a
// matter of policy, and the C++ standard leaves it open. Two scenes, played on the virtual clock, so
// that it is certain who waits when:
//   1. a reader holds the lock, a writer waits, a second reader comes. Reader first: it walks past the
//      waiting writer. Writer first, and fair: it queues up behind the writer.
//   2. a writer holds the lock, a reader waits, a second writer comes. Writer first: the writer, though
//      it came later. Reader first, and fair: the reader.
//
// csim: --outcomes --timeouts virtual --rwlock-policy reader
// expect: clean
//
// csim: --outcomes --timeouts virtual --rwlock-policy writer
// expect: clean
// outcomes: "1: reader writer reader\n2: writer writer reader\n"
//
// csim: --outcomes --timeouts virtual --rwlock-policy fair
// expect: clean
// outcomes: "1: reader writer reader\n2: writer reader writer\n"
#include <chrono>
#include <cstdio>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>

class Scene {
 public:
  // Comes after so many seconds, takes the lock, holds it for ten.
  void Reader(int arrival) {
    std::this_thread::sleep_for(std::chrono::seconds(arrival));
    const std::shared_lock<std::shared_mutex> lock(shared_mutex_);
    Granted(" reader");
    std::this_thread::sleep_for(std::chrono::seconds(10));
  }

  void Writer(int arrival) {
    std::this_thread::sleep_for(std::chrono::seconds(arrival));
    const std::unique_lock<std::shared_mutex> lock(shared_mutex_);
    Granted(" writer");
    std::this_thread::sleep_for(std::chrono::seconds(10));
  }

  const std::string& grants() const { return grants_; }

 private:
  void Granted(const char* who) {
    const std::lock_guard<std::mutex> lock(grants_mutex_);
    grants_ += who;
  }

  std::shared_mutex shared_mutex_;
  std::mutex grants_mutex_;
  std::string grants_;  // guarded by grants_mutex_
};

void ReaderHolds() {
  Scene scene;
  std::thread holder([&] { scene.Reader(1); });
  std::thread writer([&] { scene.Writer(2); });
  std::thread reader([&] { scene.Reader(3); });
  holder.join();
  writer.join();
  reader.join();
  std::printf("1:%s\n", scene.grants().c_str());
}

void WriterHolds() {
  Scene scene;
  std::thread holder([&] { scene.Writer(1); });
  std::thread reader([&] { scene.Reader(2); });
  std::thread writer([&] { scene.Writer(3); });
  holder.join();
  reader.join();
  writer.join();
  std::printf("2:%s\n", scene.grants().c_str());
}

int main() {
  ReaderHolds();
  WriterHolds();
}
