// Collects the sites of one module and writes them into its section `csim_sites`.
//
// Sites are referred to while passes still add more of them, so Get() hands out addresses within a
// placeholder, which Finish() replaces by the real array.
#ifndef CSIM_INSTRUMENT_CODE_SITE_BUILDER_H_
#define CSIM_INSTRUMENT_CODE_SITE_BUILDER_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/ValueHandle.h"

namespace csim::instrument {

// The fields of struct csim_site (sim/abi/csim_abi.h) with plain strings; empty means not known.
struct Site {
  std::string file;
  std::string function;
  std::string text;
  std::string variable;
  uint32_t line = 0;
  uint32_t column = 0;
  std::string caller_file;
  uint32_t caller_line = 0;
  uint32_t caller_column = 0;
};

class SiteBuilder {
 public:
  explicit SiteBuilder(llvm::Module& module);

  // The address of the record of `site`; equal sites share one.
  llvm::Constant* Get(const Site& site);
  // Writes the section. REQUIRES: no Get() afterwards.
  void Finish();

 private:
  // file, function, text, variable, line, caller_file, caller_line, column and caller_column.
  using Record = std::array<uint32_t, 8>;

  llvm::GlobalVariable* Placeholder();
  uint32_t Intern(const std::string& text);
  llvm::Constant* RecordOf(const Record& record, uint32_t index, llvm::GlobalVariable* array,
                           llvm::GlobalVariable* strings);

  llvm::Module& module_;
  llvm::StructType* type_;
  llvm::WeakTrackingVH placeholder_;  // the optimiser removes it when nothing refers to it
  std::map<Record, uint32_t> records_;
  llvm::StringMap<uint32_t> interned_;
  std::string strings_ = std::string(1, '\0');  // offset 0 stands for "not known"
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_CODE_SITE_BUILDER_H_
