// Files written whole or not at all.
#ifndef CSIM_CLI_WRITE_FILE_H_
#define CSIM_CLI_WRITE_FILE_H_

#include <string>

namespace csim {

// Writes to a temporary name beside `path`, then renames; makes the directory if it is missing.
// False: nothing was left behind, and `error` names the file and the reason. What is there and no
// plain file (a device, a pipe, a link) is written to as it is, never replaced.
bool WriteFile(const std::string& path, const std::string& text, std::string* error);

// Whether WriteFile could write there, to be asked before long work; leaves everything as it was.
// False: `error` names the file and the reason.
bool CanWriteFile(const std::string& path, std::string* error);
// The same for any file in a directory, which need not exist yet.
bool CanWriteInDirectory(const std::string& path, std::string* error);

// All of a file. False: `error` names the file and the reason.
bool ReadFile(const std::string& path, std::string* text, std::string* error);

// Hexadecimal hash of a file's contents; empty if it cannot be read.
std::string FileHash(const std::string& path);

}  // namespace csim

#endif  // CSIM_CLI_WRITE_FILE_H_
