#include "sim/host/native_runs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace csim {

namespace {

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

std::string ReadAll(int fd) {
  std::string text;
  char part[4096];
  ssize_t size = 0;
  while ((size = pread(fd, part, sizeof part, static_cast<off_t>(text.size()))) > 0) {
    text.append(part, static_cast<size_t>(size));
  }
  return text;
}

class NativeRun {
 public:
  explicit NativeRun(const NativeOptions& options) : options_(options) {
    words_.push_back(options.argument0);
    words_.insert(words_.end(), options.arguments.begin(), options.arguments.end());
  }
  ~NativeRun() {
    if (output_ >= 0) close(output_);
  }
  NativeRun(const NativeRun&) = delete;
  NativeRun& operator=(const NativeRun&) = delete;

  // What it comes to; an error if it cannot be started.
  Result<NativeOutcome> Run() {
    output_ = memfd_create("csim-native", MFD_CLOEXEC);
    if (output_ < 0) return Error{std::string("cannot keep its output: ") + std::strerror(errno)};
    if (const int error = Start(); error != 0) {
      return Error{"cannot start '" + options_.program + "': " + std::strerror(error)};
    }
    NativeOutcome outcome;
    outcome.runs = 1;
    outcome.hung = !Wait();
    kill(-pid_, SIGKILL);  // with all that it has started
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    outcome.output = ReadAll(output_);
    return outcome;
  }

 private:
  int Start() {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const char* input = options_.stdin_file.empty() ? "/dev/null" : options_.stdin_file.c_str();
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output_, 1);
    posix_spawn_file_actions_adddup2(&actions, output_, 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes, &all);
    const std::vector<char*> argv = Pointers(words_);
    const int error =
        posix_spawn(&pid_, options_.program.c_str(), &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
  }

  // Until the program has ended; false if that takes too long.
  bool Wait() const {
    const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (fd < 0) return true;  // an old kernel: without a limit
    pollfd ended{fd, POLLIN, 0};
    int ready = 0;
    do {
      ready = poll(&ended, 1, static_cast<int>(options_.seconds * 1000));
    } while (ready < 0 && errno == EINTR);
    close(fd);
    return ready > 0;
  }

  const NativeOptions& options_;
  std::vector<std::string> words_;
  int output_ = -1;
  pid_t pid_ = 0;
};

}  // namespace

Result<std::vector<NativeOutcome>> RunNatively(const NativeOptions& options,
                                               const std::function<bool()>& stop) {
  std::vector<NativeOutcome> outcomes;
  for (uint64_t i = 0; i < options.runs && !stop(); ++i) {
    Result<NativeOutcome> run = NativeRun(options).Run();
    if (!run) return Error{run.error()};
    bool known = false;
    for (NativeOutcome& o : outcomes) {
      const bool same =
          o.output == run->output && o.exit_code == run->exit_code && o.hung == run->hung;
      if (same) ++o.runs;
      known |= same;
    }
    if (!known) outcomes.push_back(std::move(*run));
  }
  return outcomes;
}

}  // namespace csim
