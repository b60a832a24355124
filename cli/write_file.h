// Files written whole or not at all.
#ifndef CSIM_CLI_WRITE_FILE_H_
#define CSIM_CLI_WRITE_FILE_H_

#include <string>

namespace csim {

// Writes to a temporary name beside `path`, then renames; makes the directory if it is missing. False:
// nothing was left behind, and `error` names the file and the reason.
bool WriteFile(const std::string& path, const std::string& text, std::string* error);

// All of a file. False: `error` names the file and the reason.
bool ReadFile(const std::string& path, std::string* text, std::string* error);

// Hexadecimal hash of a file's contents; empty if it cannot be read.
std::string FileHash(const std::string& path);

}  // namespace csim

#endif  // CSIM_CLI_WRITE_FILE_H_
