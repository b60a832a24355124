// Files that may be used again, by hash of what they were made from.
//
// Files appear whole or not at all: they are written under a temporary name and renamed. Nothing is
// locked; two csim that make the same file make it twice, and the later one stays.
#ifndef CSIM_INSTRUMENT_CACHE_CACHE_H_
#define CSIM_INSTRUMENT_CACHE_CACHE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace csim::instrument {

// Collects text and gives its hash as 32 hexadecimal digits. Parts are kept apart: ("ab", "c") is
// not
// ("a", "bc").
class Hasher {
 public:
  Hasher& Add(const std::string& text);
  Hasher& Add(const std::vector<std::string>& texts);
  std::string Hex() const;

 private:
  std::string data_;
};

// Hash of a file's bytes; empty if it cannot be read.
std::string HashOfFile(const std::string& path);

// What is remembered of a file that something depends on.
struct Stamp {
  std::string path;
  bool system = false;
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  std::string hash;
};

// The files that a cached file was made from.
struct Record {
  std::string id;  // hash of all the contents
  std::vector<Stamp> files;

  // Looks at the files now. `system_flags[i]` tells whether paths[i] is a system header.
  static Record Of(const std::vector<std::string>& paths, const std::vector<bool>& system_flags);
  // False if there is none or it is damaged.
  bool Load(const std::string& path);
  std::string Serialize() const;
  // True if no file has changed: same size and time, or else same contents.
  bool IsFresh() const;
  // Hash of the contents of those files that are not the system's.
  std::string UserHash() const;
};

class Cache {
 public:
  explicit Cache(std::string directory);

  // "" if the directory can be used, else why not.
  const std::string& error() const { return error_; }

  std::string ObjectRecord(const std::string& key) const { return Path("objects", key, ".deps"); }
  std::string Object(const std::string& id) const { return Path("objects", id, ".o"); }
  std::string ProgramRecord(const std::string& key) const { return Path("programs", key, ".deps"); }
  std::string Program(const std::string& key) const { return Path("programs", key, ""); }
  std::string Pch(const std::string& key) const { return Path("pch", key, ".pch"); }
  std::string PchRecord(const std::string& key) const { return Path("pch", key, ".deps"); }

  // A name beside `path` that nobody else uses.
  static std::string TemporaryFor(const std::string& path);
  static bool Write(const std::string& path, const std::string& bytes);
  static bool Exists(const std::string& path);
  // Renames the finished file `temporary` to `path`; removes it if that fails.
  static bool Publish(const std::string& temporary, const std::string& path);
  // Notes that `path` was used, for Prune.
  static void Touch(const std::string& path);

  // Removes what was not used for longest, and what others left unfinished.
  void Prune() const;

 private:
  std::string Path(const char* folder, const std::string& name, const char* extension) const;

  std::string directory_;
  std::string error_;
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CACHE_CACHE_H_
