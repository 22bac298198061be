// Which input and output of one model is which of another.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "verify/subject.h"

namespace ponte::verify {

// What the user says: the first model's name -> the other's.
struct NameMaps {
  std::map<std::string, std::string> inputs;
  std::map<std::string, std::string> outputs;
};

// Whether tensors with the same elements in the same order may be called the same in another shape:
// of two files that different programs wrote, not of a file and its conversion.
enum class Shapes : std::uint8_t { MustBeEqual, MayDiffer };

class Interface {
 public:
  // Matches by what the user says, then by name, by the name in the source file, by dtype and shape
  // where that leaves one choice, and by position. Throws UnknownName for a name of the user's that
  // is not there, MissingModelInput for an input that the subject takes and nothing is known for,
  // ShapeMismatch where inputs that match can't hold the same elements.
  Interface(const ir::Graph& judged, const ir::Graph& subject, const NameMaps& names,
            Shapes shapes);

  // Values for the judged graph under the subject's names and in its shapes.
  Inputs for_subject(const Inputs& inputs) const;
  // What the subject gave for an output of the judged graph, in the reference's shape where that is
  // the same tensor; absent where it has none.
  ops::Datum output(std::size_t index, const Values& values, const ops::Datum& reference) const;
  // The subject's value for an output; null where there is none.
  const ir::Value* output_value(std::size_t index) const { return outputs_.at(index); }

  // The inputs that match: the judged graph's and the subject's.
  const std::vector<std::pair<const ir::Value*, const ir::Value*>>& inputs() const {
    return inputs_;
  }

  // The subject's outputs that are none of the judged graph's.
  const std::vector<const ir::Value*>& further_outputs() const { return further_outputs_; }

  const std::vector<std::string>& assumptions() const { return assumptions_; }

 private:
  void assume(const char* what, const ir::Value& judged, const ir::Value& subject);

  Shapes shapes_;
  std::vector<std::pair<const ir::Value*, const ir::Value*>> inputs_;  // judged, subject's
  std::vector<const ir::Value*> outputs_;
  std::vector<const ir::Value*> further_outputs_;
  std::vector<std::string> assumptions_;
};

// What the source file calls a result: the value, then the one layer that gives it.
std::vector<std::string> names_in_source(const ir::Value& value);
// The same behind its own name: what a runtime may call it.
std::vector<std::string> names_of_result(const ir::Value& value);

// OpenCV shows no rank below 2: shapes that differ by trailing ones alone are the same values.
ops::Datum in_shape_of(const ops::Datum& given, const ops::Datum& reference);

}  // namespace ponte::verify
