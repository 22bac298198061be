"""Writes onnx.txt: the signatures of the standard's ops, as the package `onnx` 1.23 has them.

One block for each op of ai.onnx and ai.onnx.ml in its last version. tests/ops/signatures_test.cpp makes the same text of
every op of ponte and compares. Type variables stand only where they tie two parameters together.
"""

import collections
import pathlib

import onnx

DTYPES = {
    "float": "f32", "uint8": "u8", "int8": "i8", "uint16": "u16", "int16": "i16", "int32": "i32", "int64": "i64",
    "string": "string", "bool": "bool", "float16": "f16", "double": "f64", "uint32": "u32", "uint64": "u64",
    "complex64": "c64", "complex128": "c128", "bfloat16": "bf16", "float8e4m3fn": "f8e4m3fn",
    "float8e4m3fnuz": "f8e4m3fnuz", "float8e5m2": "f8e5m2", "float8e5m2fnuz": "f8e5m2fnuz", "uint4": "u4", "int4": "i4",
    "float4e2m1": "f4e2m1", "float8e8m0": "f8e8m0", "uint2": "u2", "int2": "i2", "float6e2m3": "f6e2m3",
    "float6e3m2": "f6e3m2",
}


def type_name(text):
    if text.startswith("tensor("):
        return DTYPES[text[len("tensor("):-1]]
    return {"seq": "sequence", "optional": "optional", "map": "map", "sparse_tensor": "sparse"}[text.split("(")[0]]


def types_of(parameter, constraints):
    names = {type_name(text) for text in constraints.get(parameter.type_str, [parameter.type_str])}
    return " ".join(sorted(names))


def parameter_line(kind, parameter, constraints, shared):
    option = onnx.defs.OpSchema.FormalParameterOption
    line = f"  {kind} {parameter.name}"
    if parameter.option == option.Optional:
        line += " optional"
    if parameter.option == option.Variadic:
        line += f" variadic {parameter.min_arity}"
    if parameter.type_str in shared and (parameter.option != option.Variadic or parameter.is_homogeneous):
        line += f" {parameter.type_str}"
    return line + ": " + types_of(parameter, constraints)


def attribute_line(attribute):
    kind = str(attribute.type).rsplit(".", 1)[-1].lower().replace("_proto", "")
    line = f"  attribute {attribute.name} {kind}"
    if attribute.required:
        return line + " required"
    default = attribute.default_value
    if default.type == onnx.AttributeProto.INT:
        return line + f" = {default.i}"
    if default.type == onnx.AttributeProto.FLOAT:
        return line + f" = {default.f:.9g}"
    if default.type == onnx.AttributeProto.STRING:
        return line + f' = "{default.s.decode()}"'
    return line


def block(schema):
    constraints = {c.type_param_str: c.allowed_type_strs for c in schema.type_constraints}
    option = onnx.defs.OpSchema.FormalParameterOption
    uses = collections.Counter()
    for parameter in [*schema.inputs, *schema.outputs]:
        if parameter.option == option.Variadic:
            uses[parameter.type_str] += 2 if parameter.is_homogeneous else 0
        else:
            uses[parameter.type_str] += 1
    shared = {name for name, count in uses.items() if count > 1 and name in constraints}
    name = f"{schema.domain}::{schema.name}" if schema.domain else schema.name
    lines = [f"{name} {schema.since_version}"]
    lines += [parameter_line("input", p, constraints, shared) for p in schema.inputs]
    lines += [parameter_line("output", p, constraints, shared) for p in schema.outputs]
    lines += [attribute_line(schema.attributes[name]) for name in sorted(schema.attributes)]
    return "\n".join(lines)


def main():
    newest = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        key = (schema.domain, schema.name)
        if schema.domain in ("", "ai.onnx.ml") and (key not in newest or newest[key].since_version < schema.since_version):
            newest[key] = schema
    text = f"# Written by record_signatures.py from onnx {onnx.__version__}.\n\n"
    text += "\n\n".join(block(newest[key]) for key in sorted(newest)) + "\n"
    (pathlib.Path(__file__).parent / "onnx.txt").write_text(text)


if __name__ == "__main__":
    main()
