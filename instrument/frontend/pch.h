// The precompiled header of the C++ standard headers: one per set of flags, made on first use.
#ifndef CSIM_INSTRUMENT_FRONTEND_PCH_H_
#define CSIM_INSTRUMENT_FRONTEND_PCH_H_

#include <string>
#include <vector>

#include "instrument/build.h"
#include "instrument/cache/cache.h"

namespace csim::instrument {

// True unless the text before the first #include of a standard header could change what that means.
bool MayStartFromPch(const std::string& source_text);

class PchStore {
 public:
  // `arguments` are those of a C++ compilation (clang -cc1).
  PchStore(const Cache& cache, const std::vector<std::string>& arguments, const std::string& tool);

  // Path of the precompiled header, made now if `mode` says so; empty if there is none.
  // Adds the time spent to `*seconds`.
  std::string Get(PchMode mode, double* seconds) const;
  // Has it made by a child process, which may outlive this one and prints nothing. Its number; 0 if there
  // is nothing to do.
  int MakeInBackground() const;

 private:
  bool IsThere() const;
  bool Make() const;

  const Cache& cache_;
  std::vector<std::string> arguments_;
  std::string key_;
};

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_PCH_H_
