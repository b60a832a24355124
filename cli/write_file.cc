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

namespace fs = std::filesystem;

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

// True for devices, pipes, links: what must not be replaced by a plain file.
bool IsSpecial(const std::string& path) {
  std::error_code ignored;
  const fs::file_status status = fs::symlink_status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

bool WriteInPlace(const std::string& path, const std::string& text, std::string* error) {
  const int fd = open(path.c_str(), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return Fail(path, error);
  const bool written = WriteAll(fd, text);
  if (!written) Fail(path, error);
  if (close(fd) != 0 && written) return Fail(path, error);
  return written;
}

std::string TemporaryBeside(const std::string& path) {
  return fmt::format("{}.{}.tmp", path, getpid());
}

// Makes a file and removes it. errno says why not.
bool CanCreate(const std::string& file) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  close(fd);
  return unlink(file.c_str()) == 0;
}

}  // namespace

bool CanWriteFile(const std::string& path, std::string* error) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    errno = EISDIR;
    return Fail(path, error);
  }
  if (fs::exists(path, ignored) && access(path.c_str(), W_OK) != 0) return Fail(path, error);
  if (!IsSpecial(path) && !CanCreate(TemporaryBeside(path))) return Fail(path, error);
  return true;
}

bool CanWriteInDirectory(const std::string& path, std::string* error) {
  std::error_code ignored;
  fs::path there = fs::absolute(path, ignored);
  while (!fs::exists(there, ignored) && there.has_relative_path()) there = there.parent_path();
  if (!CanCreate(TemporaryBeside((there / "csim").string()))) return Fail(path, error);
  return true;
}

bool WriteFile(const std::string& path, const std::string& text, std::string* error) {
  if (IsSpecial(path)) return WriteInPlace(path, text, error);
  std::error_code ignored;
  if (const fs::path parent = fs::path(path).parent_path(); !parent.empty()) {
    fs::create_directories(parent, ignored);
  }
  const std::string temporary = TemporaryBeside(path);
  const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Fail(path, error);
  const bool written = WriteAll(fd, text);
  if (!written) Fail(path, error);
  if (close(fd) == 0 && written && rename(temporary.c_str(), path.c_str()) == 0) return true;
  if (written) Fail(path, error);
  unlink(temporary.c_str());
  return false;
}

bool ReadFile(const std::string& path, std::string* text, std::string* error) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream all;
  if (stream) all << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(path)) {
    *error =
        fmt::format("cannot read '{}': {}", path,
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
