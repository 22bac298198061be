#include "base/error_codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"

namespace ponte {
namespace {

using enum ErrorKind;

constexpr auto pages = std::to_array<CodePage>({
    {Code::UsageError, Usage, "the command line is not understood",
     "A flag, a value or the number of arguments is wrong. The message names it; `ponte COMMAND "
     "-h` lists what the "
     "command takes."},
    {Code::UnknownName, Usage, "a name that ponte does not know",
     "A subcommand, format, op, runtime, input or output was named that does not exist. The "
     "message suggests the "
     "nearest known name."},
    {Code::ConfigurationError, Usage, "a configuration file is not understood",
     "`ponte.toml` in the project or `ponte/config.toml` in $XDG_CONFIG_HOME has a line that is no "
     "`key = value`, a key "
     "that is no flag, or a section that is no command. `ponte --help` says what these files may "
     "have."},
    {Code::ConfigurationIgnored, Unsafe, "a configuration file is left out",
     "The file belongs to another user. Flags decide which libraries are loaded, so a stranger's "
     "file is not followed: "
     "change its owner, or give the flags on the command line."},
    {Code::NotOneFile, Inexpressible, "standard output takes one file",
     "The result of the conversion is several files, for instance a model with its weights beside "
     "it, and `-o -` has "
     "room for one. Name a file with `-o`."},
    {Code::CannotOpenFile, Io, "a file can't be opened",
     "The operating system refused to open the file. The message carries its reason: check the "
     "path, the permissions "
     "and that it is a regular file."},
    {Code::CannotReadFile, Io, "a file can't be read",
     "Reading failed after the file was opened, for instance because of a failing disk or a "
     "network file system."},
    {Code::CannotWriteFile, Io, "a file can't be written",
     "Writing failed; nothing was replaced. Check free space and permissions of the folder, which "
     "must allow a "
     "temporary file beside the target."},
    {Code::FileChanged, Io, "a file changed while it was in use",
     "The size or modification time of a file is no longer what it was when it was opened. "
     "Constants are read when "
     "they are needed, so a file that changes meanwhile would give a mixture of two models. Run "
     "the command again."},
    {Code::SystemCallFailed, Io, "the operating system refused a request",
     "A system call failed for a reason outside the model, for instance too many open files or no "
     "memory. The message "
     "names the call and the reason."},
    {Code::CannotStartProcess, Io, "a program can't be started",
     "The operating system refused to start a worker process. The message names the step and the "
     "reason: usually the "
     "program is missing or not executable, or there are too many processes."},
    {Code::Interrupted, ErrorKind::Interrupted, "interrupted",
     "The work was stopped by a signal. The same command again resumes where that is possible."},
    {Code::UnknownFormat, Unsupported, "the format of a file is not recognised",
     "Neither the file's content nor its name says which format it has. `ponte formats` lists the "
     "known ones and "
     "`--from FORMAT` names it explicitly."},
    {Code::TruncatedFile, Malformed, "a file ends in the middle of something",
     "A structure of the file needs more bytes than are left. It is usually an interrupted "
     "download or copy: fetch the "
     "file again."},
    {Code::MalformedField, Malformed, "a field of the file contradicts its specification",
     "The bytes at the given place can't be what the format's specification says stands there."},
    {Code::TruncatedTensor, Malformed, "a tensor needs more bytes than the file has",
     "The tensor's dtype and shape declare more data than the file holds. It looks truncated; "
     "fetch it again."},
    {Code::TensorSizeMismatch, Malformed, "a tensor's data does not fit its shape",
     "The number of elements stored differs from the product of the dimensions declared for the "
     "tensor."},
    {Code::CountTooLarge, Malformed, "a count that the file can't hold",
     "A count or size inside the file is larger than the bytes that are left could ever hold, so "
     "it was refused before "
     "anything was reserved for it."},
    {Code::NestingTooDeep, Limit, "nested deeper than the limit",
     "Messages, subgraphs or blocks are nested deeper than `--max-depth` allows (64 by default), "
     "or "
     "loops are nested in loops whose types take too many rounds to find."},
    {Code::InvalidText, Malformed, "text that does not parse",
     "The file is in a text format and the given line breaks its grammar."},
    {Code::MissingField, Malformed, "a required field is missing",
     "The specification of the format requires a field that the file does not have."},
    {Code::DimensionOutOfRange, Malformed, "a dimension out of range",
     "A dimension is negative where that has no meaning, larger than 2^48, or the product of a "
     "tensor's dimensions "
     "overflows."},
    {Code::UnknownDtype, Malformed, "a dtype that the specification does not know",
     "The file names an element type that does not exist in the version of the format that ponte "
     "knows."},
    {Code::PathOutsideModel, Unsafe, "a path that leaves the model's folder",
     "The model names a data file by an absolute path, with `..`, through a link, or with bytes "
     "that have no place in a "
     "path. Data files must be regular files beneath the folder of the model."},
    {Code::MissingWeights, Malformed, "weights are missing",
     "The graph needs weights that were not given, or that lie in a data file beside the model "
     "which is not there. Name the file of a "
     "graph alone with `--weights FILE`, or give it seeded random weights with `--random-weights "
     "SEED`; "
     "copy the data files of an ONNX model together with it."},
    {Code::WeightsOfAnotherNetwork, Malformed, "the weights belong to another network",
     "The weights file has blobs whose shapes or counts differ from what the layers of the graph "
     "declare."},
    {Code::UnusedWeights, Malformed, "weights that no layer of the graph uses",
     "The weights file carries layers that the graph does not have. Training-only layers are "
     "normal; a missing layer of "
     "the deployed graph is not."},
    {Code::LayerLeftOut, Unsupported, "a layer that inference does not need was left out",
     "Losses, accuracies and what leads to nothing but them belong to training and testing. The "
     "rest of the network is "
     "read without them; nothing is to be done."},
    {Code::UnknownInputShape, Malformed, "the file does not say the shape of an input",
     "The network takes its input from a data layer, whose shape only the data set knows. Give it "
     "with "
     "`--input-shape NAME=1,3,224,224`."},
    {Code::NoReaderForOp, Unsupported, "no reader for an op of the format",
     "The format's table has no way to express this op in ONNX semantics. `ponte formats` shows "
     "what is read."},
    {Code::UnreadAttribute, Unsupported, "an attribute that no reader looked at",
     "A node carries an attribute or field that its reader does not interpret. To ignore it could "
     "give a silently wrong "
     "model, so the node is refused."},
    {Code::InvalidForeignNode, Malformed, "a node that breaks its format's rules",
     "The node's inputs, weights or attributes contradict the specification of its op in the "
     "source format."},
    {Code::UnsupportedOpset, Unsupported, "an opset version that ponte does not know",
     "The model imports an opset outside the range that ponte reads."},
    {Code::GraphNotAcyclic, Malformed, "the graph has a cycle",
     "Nodes depend on each other in a circle, so there is no order in which they could be "
     "executed."},
    {Code::DuplicateName, Malformed, "a name is used twice",
     "Two nodes produce a value of the same name, or two inputs share one. Values are assigned "
     "once."},
    {Code::UndefinedValue, Malformed, "a value that nothing produces",
     "A node or an output uses a name that is no input, no constant and no result of a node before "
     "it."},
    {Code::InvalidGraph, Malformed, "the graph breaks an invariant",
     "The checker found something that no valid graph has; the message says what."},
    {Code::TextSyntax, Malformed, "the text form of a graph does not parse",
     "The given line and column break the grammar of ponte's own text form."},
    {Code::InvalidAttribute, Malformed, "an attribute has a wrong type or value",
     "The specification of the op does not allow this value."},
    {Code::MissingAttribute, Malformed, "a required attribute is missing",
     "The specification of the op requires the attribute."},
    {Code::WrongInputCount, Malformed, "a node has too many or too few inputs or outputs",
     "The specification of the op says how many inputs and outputs a node may have."},
    {Code::InvalidInputType, Malformed, "an input has a type that the op does not take",
     "The specification of the op lists the allowed types of each input."},
    {Code::ShapeMismatch, Malformed, "shapes do not fit together",
     "The shapes of a node's inputs contradict each other or the node's attributes."},
    {Code::InvalidAxis, Malformed, "an axis out of range",
     "An axis must lie in [-rank, rank - 1] of the tensor that it indexes, and not occur twice."},
    {Code::TypesDisagree, Malformed, "a declared type differs from the inferred one",
     "The file declares a type for a value which differs from what its producer computes."},
    {Code::ElementCountTooLarge, Limit, "a tensor with too many elements",
     "The number of elements of a tensor, or of its bytes, overflows."},
    {Code::PlaceholderLeft, Inexpressible, "a node could not be translated",
     "A node has no meaning in the target, so nothing was written."},
    {Code::OpsetTooOld, Inexpressible, "the opset can't express a node",
     "The opset asked for has no op, dtype or attribute for what the node computes. The message "
     "names the first opset "
     "that could."},
    {Code::NoWriterForOp, Inexpressible, "no writer for an op",
     "The target format has no way to express the node. `ponte formats` shows what is written."},
    {Code::FormatNotWritable, Inexpressible, "a format that ponte does not write",
     "The format can be read, and there is no writer for it. `ponte formats` lists what is "
     "written."},
    {Code::FileTooLarge, Inexpressible, "a file larger than its format allows",
     "A protobuf message ends at 2 GiB. Weights move to external data automatically; the graph "
     "itself can't."},
    {Code::NotEvaluable, Unsupported, "a node that can't be evaluated",
     "The reference evaluator has no definition for this op, for instance because its domain is "
     "not known."},
    {Code::BudgetExceeded, Limit, "a budget was used up",
     "Evaluation needed more memory or steps than it was given, or the local functions of a model "
     "unfold into more nodes than any network has. `--max-memory` sets what the judge of a "
     "verification may hold. The budgets of the runtime `reference` are set with "
     "`--set reference.memory_bytes=N` and `--set reference.max_steps=N`."},
    {Code::InvalidInputValue, Malformed, "an input value that the op does not allow",
     "The value that a node received at run time breaks the op's specification."},
    {Code::IndexOutOfRange, Malformed, "an index out of range",
     "An index computed or given at run time lies outside the dimension that it selects from."},
    {Code::MissingModelInput, Usage, "an input of the model was not given",
     "Every input without a default must be given a value."},
    {Code::OpenDimension, Usage, "an open dimension needs a value",
     "The model leaves a dimension open that can't be assumed. Give it with `--dim NAME=N` or "
     "`--input-shape`."},
    {Code::MissingRuntime, Environment, "a runtime is missing",
     "No library of the runtime was found in the active Python environment, the project's own one, "
     "the system's folders or "
     "$PONTE_RUNTIME_PATH. `ponte doctor` says how to get it; `--runtime NAME@/path` names a "
     "library or folder explicitly."},
    {Code::MissingWorker, Environment, "the worker of a runtime is missing",
     "Each runtime runs in a program of its own, ponte-worker-NAME, which lies beside ponte. It "
     "was not built, usually "
     "because the runtime's headers were missing at that time. `ponte doctor` says what to install "
     "before building again."},
    {Code::WorkerCrashed, Worker, "a worker crashed",
     "The process that runs the runtime was killed by a signal, usually a defect of the runtime in "
     "this model or these "
     "settings. The message carries the signal, the phase and the last lines the process wrote. "
     "The other trials go on."},
    {Code::WorkerExited, Worker, "a worker ended too early",
     "The process that runs the runtime left, or closed its connection, while an answer was "
     "expected from it. The message "
     "carries its exit status and the last lines it wrote."},
    {Code::WorkerTimedOut, Worker, "a worker did not answer in time",
     "The process that runs the runtime was still busy when its time was over, and was killed. A "
     "larger limit can be given "
     "with `--timeout`."},
    {Code::WorkerProtocol, Worker, "a worker broke the protocol",
     "What came from the worker is not an answer of the worker protocol: a frame that is too long, "
     "a tensor whose size "
     "does not fit its shape, an unsealed memory file, an unexpected message. The worker was "
     "killed."},
    {Code::WorkerRefused, Worker, "a runtime refused a request",
     "The runtime itself reported an error, for instance an op that it does not implement or a "
     "setting that it does not "
     "know. The message is the runtime's own."},
    {Code::WorkerOutOfMemory, Worker, "a worker ran out of memory",
     "The process that runs the runtime needed more memory than it was allowed or than the machine "
     "has. The limit can be "
     "raised with `--max-memory`."},
    {Code::InvalidSample, Worker, "a measured value can't be a duration",
     "A worker reported a duration that is zero, negative or not a number, so nothing is computed "
     "from it. The clock of the "
     "machine or the worker is at fault; `ponte doctor` shows the clock's resolution."},
    {Code::NothingToMeasure, Environment, "there is nothing to measure",
     "No trial is left: none of the runtimes that were asked for, or that this machine has, takes "
     "the model. "
     "`ponte runtimes` lists them with what is missing and how to get it."},
    {Code::MissingDevice, Environment, "a device that was asked for is not there",
     "The runtime does not have the device on this machine: its driver or the runtime's provider "
     "for it is missing. "
     "The rest was measured; `ponte runtimes` lists each runtime's devices."},
    {Code::StoreCorrupt, Malformed, "the store of measurements is damaged",
     "The SQLite file that holds the stored runs contradicts itself: it was cut short, "
     "overwritten, or copied while it was "
     "in use. Move the file away, together with the files beside it that end in `-wal` and `-shm`; "
     "the next command makes a "
     "new store. SQLite's `.recover` may save what is left in the old one."},
    {Code::NotAStore, Malformed, "the file is not a store of measurements",
     "A file lies where the store should be, and it is no SQLite database or that of another "
     "program. It was not changed. "
     "Move it away, or choose another folder with `XDG_DATA_HOME`."},
    {Code::StoreTooNew, Unsupported, "the store comes from a newer version of the program",
     "A later version of ponte wrote the store, with tables that this version does not know. It "
     "was not changed. Use the "
     "newer version, or choose another folder with `XDG_DATA_HOME`."},
    {Code::StoreLocked, Io, "another program keeps the store locked",
     "Someone else was writing to the store for longer than ponte waits, which is 5 seconds: a "
     "program that looks into the "
     "file, a backup, or a stopped ponte. What was stored before is safe; the same command again "
     "resumes the run."},
    {Code::StoreFull, Io, "no space left for the store",
     "The disk, a quota or a limit on file sizes leaves no room for more measurements. What was "
     "stored before is safe. Make "
     "room, delete old runs with `ponte runs`, or choose another folder with `XDG_DATA_HOME`; the "
     "same command again "
     "resumes the run."},
    {Code::StoreInaccessible, Io, "the store can't be opened or used",
     "The operating system refused access to the store or to its folder, or the file system lacks "
     "what SQLite's write-ahead "
     "log needs, as network file systems do. The message has the system's reason. `XDG_DATA_HOME` "
     "chooses another folder."},
    {Code::UnknownRun, Usage, "there is no such run",
     "The store has no run of this number; it may have been deleted. `ponte runs` lists the runs "
     "that there are."},
    {Code::RunInUse, Environment, "another process owns the run",
     "A run is written by one process at a time. The run can't be deleted while that process "
     "lives, and a process whose run "
     "was deleted or taken over by another one can't write to it any more."},
    {Code::UnknownDocument, Malformed, "a document of an unknown schema",
     "Reports are made from the JSON documents that ponte writes, whose `schema` names the kind "
     "and the version, for "
     "instance `ponte/analyze/1`. This one is of another kind, or a newer version of ponte wrote "
     "it."},
    {Code::InternalError, Internal, "a defect of ponte",
     "An invariant of the program itself did not hold. It is not the model's fault, or not only: "
     "please report it with "
     "the model, or with the output of `ponte inspect --json`."},
});

static_assert(std::ranges::is_sorted(pages, {}, &CodePage::code));

}  // namespace

int exit_code(ErrorKind kind) {
  switch (kind) {
    case Usage:
      return 2;
    case Malformed:
    case Unsupported:
    case Inexpressible:
    case Unsafe:
    case Limit:
      return 3;
    case Worker:
      return 4;
    case Environment:
    case Io:
      return 5;
    case Internal:
      return 6;
    case ErrorKind::Interrupted:
      return 130;
  }
  return 6;
}

std::span<const CodePage> code_pages() { return pages; }

const CodePage& code_page(Code code) {
  const auto it = std::ranges::lower_bound(pages, code, {}, &CodePage::code);
  PONTE_CHECK(it != pages.end() && it->code == code);
  return *it;
}

std::optional<Code> parse_code(std::string_view text) {
  if (text.size() > 2 && (text[0] == 'P' || text[0] == 'p') && (text[1] == 'T' || text[1] == 't')) {
    text.remove_prefix(2);
  }
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  const auto it = std::ranges::lower_bound(pages, Code{number}, {}, &CodePage::code);
  if (it == pages.end() || it->code != Code{number}) return std::nullopt;
  return it->code;
}

std::string to_string(Code code) { return fmt::format("PT{:04}", static_cast<int>(code)); }

}  // namespace ponte
