// The user's compiler flags, checked and completed.
#ifndef CSIM_INSTRUMENT_FRONTEND_FLAGS_H_
#define CSIM_INSTRUMENT_FRONTEND_FLAGS_H_

#include <string>
#include <vector>

namespace csim::instrument {

enum class Language : uint8_t { kNone, kC, kCxx };

// By extension, as clang does it; kNone for objects, archives and the like.
Language LanguageOf(const std::string& file);

// An empty text if all `flags` can be honoured, else a message for the user.
std::string CheckFlags(const std::vector<std::string>& flags);

// What clang's driver gets to compile a file of `language`, without input and output. A -std that
// belongs to the other language is left out if `mixed`, that is, if the program has files of both.
std::vector<std::string> CompileFlags(const std::vector<std::string>& flags, Language language,
                                      bool mixed, const std::string& include_dir);

// What clang's driver gets to link, without inputs and output.
std::vector<std::string> LinkFlags(const std::vector<std::string>& flags);

}  // namespace csim::instrument

#endif  // CSIM_INSTRUMENT_FRONTEND_FLAGS_H_
