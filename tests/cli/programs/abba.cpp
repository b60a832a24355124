// Two threads take two locks, each in the other's order.
#include <mutex>
#include <thread>

std::mutex left;
std::mutex right;

void LeftFirst() {
  left.lock();   // held by T1
  right.lock();  // wanted by T1
  right.unlock();
  left.unlock();
}

void RightFirst() {
  right.lock();  // held by T2
  left.lock();   // wanted by T2
  left.unlock();
  right.unlock();
}

int main() {
  std::thread first(LeftFirst);
  std::thread second(RightFirst);
  first.join();
  second.join();
}
