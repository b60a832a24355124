// What the source stage knows about places in the source, for the code stage to look up.
//
// The code stage sees only the line and column that clang wrote into the debug information of an
// instruction; this table leads from there back to the expression. Several expressions may share
// one place (`a[i]` and its `a`), so a place has a list of entries, outermost first.
#ifndef CSIM_INSTRUMENT_SOURCE_SOURCE_TABLE_H_
#define CSIM_INSTRUMENT_SOURCE_SOURCE_TABLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace csim::instrument {

enum class EntryKind : uint8_t {
  kAccess,    // reads or writes memory
  kCall,      // calls a function or constructs an object
  kScopeEnd,  // destroys a local object at the end of its block
};

struct SourceEntry {
  EntryKind kind = EntryKind::kAccess;
  bool writes = false;   // an assignment, ++ or --
  uint32_t size = 0;     // of the accessed type in bytes; 0 if not known (templates)
  uint16_t column = 0;   // in the source as the user wrote it
  std::string text;      // "accounts[from].balance"
  std::string variable;  // "Account::balance"
  std::string callee;    // kScopeEnd: the destructor's name, "~lock_guard"
};

struct SourceFile {
  std::string shown;  // the path as the compiler saw it
  std::unordered_map<uint64_t, std::vector<SourceEntry>> entries;  // by PlaceKey(line, column)
  std::set<uint32_t> quiet_functions;  // lines of functions marked no_sanitize("thread")
};

constexpr uint64_t PlaceKey(uint32_t line, uint32_t column) {
  return static_cast<uint64_t>(line) << 32 | column;
}

struct SourceTable {
  std::unordered_map<std::string, SourceFile> files;  // by absolute path; only the user's own files
  std::set<std::string> system_files;                 // by absolute path; of #pragma system_header
  std::vector<std::string> system_directories;  // absolute; every header below is the system's

  // Null if the file is not one of the user's.
  const SourceFile* Find(const std::string& absolute_path) const {
    auto it = files.find(absolute_path);
    return it == files.end() ? nullptr : &it->second;
  }
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_SOURCE_SOURCE_TABLE_H_
