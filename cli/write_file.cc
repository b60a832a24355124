#include "cli/write_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace csim {

namespace {

bool WriteAll(int fd, const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return true;
}

bool Fail(const std::string& path, std::string* error) {
  *error = fmt::format("cannot write '{}': {}", path, std::strerror(errno));
  return false;
}

}  // namespace

bool WriteFile(const std::string& path, const std::string& text, std::string* error) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (const fs::path parent = fs::path(path).parent_path(); !parent.empty()) {
    fs::create_directories(parent, ignored);
  }
  const std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Fail(path, error);
  if (!WriteAll(fd, text) || close(fd) != 0 || rename(temporary.c_str(), path.c_str()) != 0) {
    Fail(path, error);
    unlink(temporary.c_str());
    return false;
  }
  return true;
}

bool ReadFile(const std::string& path, std::string* text, std::string* error) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream all;
  if (stream) all << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(path)) {
    *error = fmt::format("cannot read '{}': {}", path,
                         std::filesystem::is_directory(path) ? "is a directory" : std::strerror(errno));
    return false;
  }
  *text = all.str();
  return true;
}

std::string FileHash(const std::string& path) {
  std::string text;
  std::string error;
  if (!ReadFile(path, &text, &error)) return "";
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

}  // namespace csim
