#include <thread>
#include <cstdio>
int counter = 0;
void worker() { counter++; }
int main() {
  std::thread a(worker), b(worker);
  a.join(); b.join();
  std::printf("%d\n", counter);
}
