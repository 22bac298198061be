#include "formats/caffe/network.h"

#include <fmt/format.h>

#include "base/error.h"
#include "formats/caffe/prototxt.h"
#include "formats/caffe/schema.h"
#include "formats/caffe/tensors.h"
#include "formats/shared/wire.h"

namespace ponte::caffe {
namespace {

using shared::WireReader;

// Blobs that stand in a text, here or in the layer inside a V0 layer, become tensors.
void take_text_blobs(Message& fields, std::vector<ir::Tensor>& blobs) {
  for (const Message* blob : fields.messages("blobs")) blobs.push_back(text_blob(*blob));
  fields.erase("blobs");
}

void require_one_form(const Field* layer, const Field* layers) {
  if (layer && layers) {
    throw Error(Code::MalformedField, "the network has both `layer` and `layers`")
        .at({.file = {}, .node = {}, .op = {}, .byte = layers->byte});
  }
}

// Decodes messages by the schema; one object per file.
class Decoder {
 public:
  Network decode(WireReader reader) {
    Network network;
    const Field* kinds[2] = {};
    std::vector<Field> seen(2);
    while (reader.next()) {
      const FieldSpec* spec = find_field("NetParameter", reader.field());
      if (spec && (spec->name == "layer" || spec->name == "layers")) {
        const std::size_t kind = spec->name == "layer" ? 0 : 1;
        seen[kind].byte = reader.field_start();
        kinds[kind] = &seen[kind];
        require_one_form(kinds[0], kinds[1]);
        charge();
        Layer& layer = network.layers.emplace_back();
        layer.byte = reader.field_start();
        layer.fields = message(WireReader(reader, reader.bytes()), spec->detail, layer.blobs);
      } else {
        std::vector<ir::Tensor> none;
        field(reader, spec, network.fields, none);
      }
    }
    network.name = network.fields.text("name");
    return network;
  }

 private:
  void charge() {
    if (++count_ > max_fields) {
      throw Error(Code::CountTooLarge, fmt::format("more than {} fields", max_fields));
    }
  }

  Message message(WireReader reader, std::string_view type, std::vector<ir::Tensor>& blobs) {
    Message result;
    while (reader.next()) field(reader, find_field(type, reader.field()), result, blobs);
    return result;
  }

  void add(Message& into, const WireReader& reader, std::string_view name, FieldKind kind,
           std::string text) {
    charge();
    into.fields.push_back({std::string(name), kind, std::move(text), {}, reader.field_start()});
  }

  void field(WireReader& reader, const FieldSpec* spec, Message& into,
             std::vector<ir::Tensor>& blobs) {
    if (!spec) {
      // Forks have fields of their own; whoever needs one of them says that it is not interpreted.
      add(into, reader, fmt::format("field_{}", reader.field()), FieldKind::Word, "unknown");
      return;
    }
    switch (spec->type) {
      case FieldType::Int:
      case FieldType::Bool:
      case FieldType::Enum:
        integers(reader, *spec, into);
        return;
      case FieldType::Float: {
        std::vector<float> values;
        reader.floats(values);
        for (const float value : values)
          add(into, reader, spec->name, FieldKind::Word, fmt::format("{}", value));
        return;
      }
      case FieldType::Text:
        add(into, reader, spec->name, FieldKind::Text, reader.text());
        return;
      case FieldType::Blob:
        charge();
        blobs.push_back(decode_blob(WireReader(reader, reader.bytes())));
        return;
      case FieldType::Message: {
        charge();
        Field result{std::string(spec->name), FieldKind::Message, {}, {}, reader.field_start()};
        result.message = message(WireReader(reader, reader.bytes()), spec->detail, blobs);
        into.fields.push_back(std::move(result));
        return;
      }
    }
  }

  void integers(WireReader& reader, const FieldSpec& spec, Message& into) {
    std::vector<std::int64_t> values;
    reader.integers(values);
    for (const std::int64_t value : values) {
      std::string word = fmt::format("{}", value);
      if (spec.type == FieldType::Bool) word = value != 0 ? "true" : "false";
      if (spec.type == FieldType::Enum) {
        const std::string_view known = enum_word(spec.detail, value);
        if (!known.empty()) word = known;
      }
      add(into, reader, spec.name, FieldKind::Word, std::move(word));
    }
  }

  std::size_t count_ = 0;
};

}  // namespace

Network parse_network(std::string_view text, int max_depth) {
  Message message = parse_prototxt(text, max_depth);
  require_one_form(message.find("layer"), message.find("layers"));
  Network network;
  for (Field& field : message.fields) {
    if (field.name != "layer" && field.name != "layers") {
      network.fields.fields.push_back(std::move(field));
      continue;
    }
    if (field.kind != FieldKind::Message)
      refuse(field, fmt::format("`{}` is no message", field.name));
    Layer& layer = network.layers.emplace_back();
    layer.byte = field.byte;
    layer.fields = std::move(field.message);
    take_text_blobs(layer.fields, layer.blobs);
    if (Field* inner = layer.fields.find("layer")) take_text_blobs(inner->message, layer.blobs);
  }
  network.name = network.fields.text("name");
  return network;
}

Network decode_network(const ByteRange& file, int max_depth) {
  WireReader reader(file);
  reader.set_depth(max_depth);
  return Decoder().decode(std::move(reader));
}

}  // namespace ponte::caffe
