// What an executable file says about itself: its site table and its symbols.
#ifndef CSIM_SIM_HOST_PROGRAM_FILE_H_
#define CSIM_SIM_HOST_PROGRAM_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/trace/trace.h"
#include "sim/host/result.h"

namespace csim {

class ProgramFile {
 public:
  // Errors: cannot be read, is no ELF executable for this machine.
  static Result<ProgramFile> Open(const std::string& path);

  // The place that a SiteId (its distance from the image's base in 32-byte units) stands for.
  Place PlaceOf(uint32_t site) const;
  // True if the program is linked with csim's runtime.
  bool instrumented() const { return data_.find("libcsim_runtime.so") != std::string::npos; }

  // True if it can state properties (sim/abi: csim_properties).
  bool states_properties() const { return data_.find("csim_properties") != std::string::npos; }

  // True if it calls this function of a library ("rand", "std::chrono::_V2::steady_clock::now()").
  bool Imports(const std::string& function) const { return imports_.contains(function); }

  // The data object or function that contains `offset` (from the image's base).
  struct Symbol {
    std::string name;  // demangled
    uint64_t offset = 0;
    uint64_t size = 0;
  };
  // Null if none does.
  const Symbol* SymbolAt(uint64_t offset) const;
  // Another program, that this one has executed; read once. Null if it cannot be read.
  const ProgramFile* Executed(const std::string& path) const;

 private:
  ProgramFile() = default;
  template <typename T>
  const T* Read(uint64_t file_offset) const;
  // Place in the file of the address `offset` from the image's base; ~0 if it is not in the file.
  uint64_t FileOffset(uint64_t offset) const;
  std::string StringAt(uint64_t field_address, int32_t distance) const;
  bool Parse(std::string* error);
  void ReadSymbols(uint64_t section_offset, uint64_t size, uint64_t strings_offset);
  void ReadImports(uint64_t section_offset, uint64_t size, uint64_t strings_offset);

  struct Segment {
    uint64_t address;
    uint64_t file_offset;
    uint64_t size;
  };
  std::string data_;
  std::vector<Segment> segments_;
  std::vector<Symbol> symbols_;  // by offset
  std::set<std::string> imports_;
  uint64_t site_address_ = 0;
  uint64_t site_size_ = 0;
  mutable std::map<std::string, std::shared_ptr<const ProgramFile>> executed_;
};

}  // namespace csim

#endif  // CSIM_SIM_HOST_PROGRAM_FILE_H_
