// Master and workers as processes: the master sends each worker a job over a pipe and gets the result
// back over another one. A worker may die (-DDIES: the first one is ended in the middle of its job); the
// master learns that from the end of file, and if it does no more than note it, the job is lost. With
// -DDIES -DREPEATED it gives the job to a new worker, and every job is done exactly once.
//
// csim: --outcomes
// expect: clean
// outcomes: "10 + 20 = 30\n"
//
// csim: -DDIES
// expect: bug assertion
//
// csim: --outcomes -DDIES -DREPEATED
// expect: clean
// outcomes: "10 + 20 = 30\n"
#include <sys/wait.h>
#include <unistd.h>

#include <cassert>
#include <cstdio>

constexpr int kJobs = 2;

struct Worker {
  pid_t process;
  int jobs;     // to write jobs to
  int results;  // to read results from
};

// All so far. A new worker inherits the master's ends of their pipes, and closes them.
Worker workers[kJobs + 1];
int worker_count = 0;

[[noreturn]] void Work(int jobs, int results, bool dies) {
  int job = 0;
  const ssize_t count = read(jobs, &job, sizeof job);
  assert(count == sizeof job);
  if (dies) _exit(1);
  const int result = job * 10;
  const ssize_t written = write(results, &result, sizeof result);
  assert(written == sizeof result);
  _exit(0);
}

Worker& StartWorker(bool dies) {
  int jobs[2];
  int results[2];
  const bool made = pipe(jobs) == 0 && pipe(results) == 0;
  assert(made);
  const pid_t process = fork();
  if (process == 0) {
    close(jobs[1]);
    close(results[0]);
    for (int i = 0; i < worker_count; ++i) {
      close(workers[i].jobs);
      close(workers[i].results);
    }
    Work(jobs[0], results[1], dies);
  }
  close(jobs[0]);
  close(results[1]);
  return workers[worker_count++] = {process, jobs[1], results[0]};
}

void SendJob(const Worker& worker, int job) {
  const ssize_t count = write(worker.jobs, &job, sizeof job);
  assert(count == sizeof job);
}

// False: the worker has died.
bool ReceiveResult(const Worker& worker, int* result) {
  return read(worker.results, result, sizeof *result) == sizeof *result;
}

int main() {
#ifdef DIES
  const bool first_dies = true;
#else
  const bool first_dies = false;
#endif
  for (int job = 1; job <= kJobs; ++job) SendJob(StartWorker(first_dies && job == 1), job);

  int results[kJobs + 1] = {};
  int done = 0;
  for (int job = 1; job <= kJobs; ++job) {
    if (ReceiveResult(workers[job - 1], &results[job])) {
      ++done;
      continue;
    }
#ifdef REPEATED
    const Worker& another = StartWorker(false);
    SendJob(another, job);
    if (ReceiveResult(another, &results[job])) ++done;
#endif
  }
  for (int i = 0; i < worker_count; ++i) waitpid(workers[i].process, nullptr, 0);
  assert(done == kJobs);
  dprintf(STDOUT_FILENO, "%d + %d = %d\n", results[1], results[2], results[1] + results[2]);
}
