// See cache.h.
#include "instrument/cache/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/MemoryBuffer.h"

namespace csim::instrument {
namespace {

namespace fs = std::filesystem;

constexpr char kTemporaryMark[] = ".tmp-";
constexpr auto kAbandonedAfter = std::chrono::hours(1);
constexpr auto kInUseFor = std::chrono::minutes(30);  // somebody may be about to run it
struct Limit {
  const char* folder;
  size_t files;
};
constexpr Limit kLimits[] = {{"programs", 400}, {"objects", 1200}, {"pch", 24}};

std::string HexOf(llvm::StringRef data) {
  llvm::TruncatedBLAKE3<16> hasher;
  hasher.update(data);
  const auto digest = hasher.final();
  return llvm::toHex(llvm::ArrayRef<uint8_t>(digest), /*LowerCase=*/true);
}

bool StatOf(const std::string& path, uint64_t* size, int64_t* mtime_ns) {
  struct stat status;
  if (stat(path.c_str(), &status) != 0) return false;
  *size = static_cast<uint64_t>(status.st_size);
  *mtime_ns = static_cast<int64_t>(status.st_mtim.tv_sec) * 1000000000 + status.st_mtim.tv_nsec;
  return true;
}

struct Aged {
  fs::path path;
  fs::file_time_type time;
};

// The finished files of a folder; unfinished ones that nobody works on any more are removed.
std::vector<Aged> FilesOf(const fs::path& folder) {
  std::vector<Aged> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const auto time = fs::last_write_time(it->path(), ignored);
    if (ignored) continue;
    if (it->path().filename().string().find(kTemporaryMark) == std::string::npos) {
      files.push_back({it->path(), time});
    } else if (fs::file_time_type::clock::now() - time > kAbandonedAfter) {
      fs::remove(it->path(), ignored);
    }
  }
  return files;
}

std::string KeyOf(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.substr(0, name.find('.'));
}

}  // namespace

Hasher& Hasher::Add(const std::string& text) {
  data_ += std::to_string(text.size());
  data_ += ':';
  data_ += text;
  return *this;
}

Hasher& Hasher::Add(const std::vector<std::string>& texts) {
  Add(std::to_string(texts.size()));
  for (const std::string& text : texts) Add(text);
  return *this;
}

std::string Hasher::Hex() const { return HexOf(data_); }

std::string HashOfFile(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, false, false);
  return buffer ? HexOf((*buffer)->getBuffer()) : "";
}

Record Record::Of(const std::vector<std::string>& paths, const std::vector<bool>& system_flags) {
  Record record;
  Hasher hasher;
  for (size_t i = 0; i < paths.size(); ++i) {
    Stamp stamp;
    stamp.path = paths[i];
    stamp.system = system_flags[i];
    StatOf(stamp.path, &stamp.size, &stamp.mtime_ns);
    stamp.hash = HashOfFile(stamp.path);
    hasher.Add(stamp.hash);
    record.files.push_back(std::move(stamp));
  }
  record.id = hasher.Hex();
  return record;
}

std::string Record::Serialize() const {
  std::string text = id + "\n" + std::to_string(files.size()) + "\n";
  for (const Stamp& file : files) {
    text += (file.system ? "s " : "u ") + std::to_string(file.size) + " " +
            std::to_string(file.mtime_ns) + " " + file.hash + " " + file.path + "\n";
  }
  return text;
}

bool Record::Load(const std::string& path) {
  std::ifstream in(path);
  size_t count = 0;
  files.clear();
  if (!(in >> id >> count)) return false;
  for (size_t i = 0; i < count; ++i) {
    Stamp file;
    std::string kind;
    if (!(in >> kind >> file.size >> file.mtime_ns >> file.hash)) return false;
    in.get();
    if (!std::getline(in, file.path)) return false;
    file.system = kind == "s";
    files.push_back(std::move(file));
  }
  return true;
}

bool Record::IsFresh() const {
  for (const Stamp& file : files) {
    uint64_t size = 0;
    int64_t mtime_ns = 0;
    if (!StatOf(file.path, &size, &mtime_ns)) return false;
    if (size == file.size && mtime_ns == file.mtime_ns) continue;
    if (size != file.size || HashOfFile(file.path) != file.hash) return false;
  }
  return true;
}

std::string Record::UserHash() const {
  Hasher hasher;
  for (const Stamp& file : files) {
    if (!file.system) hasher.Add(file.hash);
  }
  return hasher.Hex();
}

Cache::Cache(std::string directory) : directory_(std::move(directory)) {
  for (const Limit& limit : kLimits) {
    std::error_code error;
    fs::create_directories(fs::path(directory_) / limit.folder, error);
    if (error && error_.empty()) error_ = error.message();
  }
}

std::string Cache::Path(const char* folder, const std::string& name, const char* extension) const {
  return directory_ + "/" + folder + "/" + name + extension;
}

std::string Cache::TemporaryFor(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  return path + kTemporaryMark + std::to_string(getpid()) + "-" + std::to_string(counter++);
}

bool Cache::Write(const std::string& path, const std::string& bytes) {
  const std::string temporary = TemporaryFor(path);
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) {
      unlink(temporary.c_str());
      return false;
    }
  }
  return Publish(temporary, path);
}

bool Cache::Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

bool Cache::Publish(const std::string& temporary, const std::string& path) {
  if (rename(temporary.c_str(), path.c_str()) == 0) return true;
  unlink(temporary.c_str());
  return false;
}

void Cache::Touch(const std::string& path) { utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

void Cache::Prune() const {
  for (const Limit& limit : kLimits) {
    std::vector<Aged> files = FilesOf(fs::path(directory_) / limit.folder);
    if (files.size() <= limit.files) continue;
    // The files of one key go together: without its record the rest is of no use.
    std::map<std::string, fs::file_time_type> last_use;
    for (const Aged& file : files) {
      fs::file_time_type& time = last_use[KeyOf(file.path)];
      time = std::max(time, file.time);
    }
    for (Aged& file : files) file.time = last_use[KeyOf(file.path)];
    std::sort(files.begin(), files.end(),
              [](const Aged& a, const Aged& b) { return a.time > b.time; });
    const auto now = fs::file_time_type::clock::now();
    for (size_t i = limit.files; i < files.size(); ++i) {
      if (now - files[i].time < kInUseFor) continue;
      std::error_code ignored;
      fs::remove(files[i].path, ignored);
    }
  }
}

}  // namespace csim::instrument
