// See program.h.
#include "tests/instrument/program.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"

namespace csim::instrument {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> fields(1);
  for (char c : line) {
    if (c == '\t')
      fields.emplace_back();
    else
      fields.back().push_back(c);
  }
  return fields;
}

Row ParseRow(const std::vector<std::string>& f) {
  Row row;
  row.kind = f[0];
  row.count = std::stoull(f[1]);
  row.size = std::stoull(f[2]);
  row.file = f[3];
  row.line = static_cast<unsigned>(std::stoul(f[4]));
  row.column = static_cast<unsigned>(std::stoul(f[5]));
  row.function = f[6];
  row.text = f[7];
  row.variable = f[8];
  row.caller_file = f[9];
  row.caller_line = static_cast<unsigned>(std::stoul(f[10]));
  row.extra = f[11];
  row.stack = f[12];
  return row;
}

void ReadLog(const std::string& path, ProgramRun* run) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> fields = Split(line);
    if (fields[0] == "end") {
      run->balanced = fields[1] == "1";
    } else if (fields.size() == 13) {
      run->rows.push_back(ParseRow(fields));
    }
  }
}

}  // namespace

uint64_t ProgramRun::Count(const std::string& kind) const {
  uint64_t count = 0;
  for (const Row& row : rows) {
    if (row.kind == kind) count += row.count;
  }
  return count;
}

const Row* ProgramRun::Find(const std::string& kind, const std::string& text) const {
  for (const Row& row : rows) {
    if (row.kind == kind && row.text == text) return &row;
  }
  return nullptr;
}

std::string ProgramRun::Log() const {
  std::ostringstream out;
  for (const Row& row : rows) {
    out << row.kind << " x" << row.count << " size " << row.size << " " << row.file << ":"
        << row.line << ":" << row.column << " " << row.function << " `" << row.text << "` ["
        << row.variable << "] " << row.caller_file << ":" << row.caller_line << " " << row.extra
        << " | " << row.stack << "\n";
  }
  return out.str() + "output: " + output;
}

Workshop::Workshop() {
  std::string name = (fs::temp_directory_path() / "csim-instrument-XXXXXX").string();
  directory_ = mkdtemp(name.data());
}

Workshop::~Workshop() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::string Workshop::Write(const std::string& name, const std::string& text) const {
  const std::string path = Path(name);
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

BuildRequest Workshop::Request(const std::vector<std::string>& sources,
                               const std::vector<std::string>& flags) const {
  BuildRequest request;
  request.sources = sources;
  request.flags = flags;
  request.runtime_library = CSIM_FAKE_RUNTIME;
  request.cache_dir = Path("cache");
  request.pch = PchMode::kOff;
  return request;
}

BuildResult Workshop::Build(const BuildRequest& request, std::string* diagnostics) const {
  const std::string path = Path("diagnostics");
  fflush(stderr);
  const int saved = dup(2);
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0666);
  dup2(file, 2);
  BuildResult result = instrument::Build(request);
  fflush(stderr);
  dup2(saved, 2);
  close(saved);
  close(file);
  const std::string text = ReadFile(path);
  if (diagnostics != nullptr)
    *diagnostics = text;
  else if (!text.empty())
    ADD_FAILURE() << text;
  return result;
}

ProgramRun Workshop::BuildAndRun(const BuildRequest& request) const {
  ProgramRun run;
  run.build = Build(request);
  EXPECT_TRUE(run.build.ok) << run.build.error;
  if (!run.build.ok) return run;
  const std::string command =
      "CSIM_FAKE_LOG=" + Path("log") + " " + run.build.program + " > " + Path("output") + " 2>&1";
  const int status = system(command.c_str());
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  run.output = ReadFile(Path("output"));
  ReadLog(Path("log"), &run);
  return run;
}

ProgramRun Workshop::BuildAndRun(const std::string& name, const std::string& text,
                                 const std::vector<std::string>& flags) const {
  return BuildAndRun(Request({Write(name, text)}, flags));
}

std::vector<std::string> Workshop::CacheFiles() const {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(Path("cache"), ignored)) {
    if (entry.is_regular_file()) files.push_back(entry.path().filename().string());
  }
  return files;
}

}  // namespace csim::instrument
