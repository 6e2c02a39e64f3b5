//! Compiles the `.proto` files, and one list of the service's methods from the same descriptors.

use heck::ToUpperCamelCase;
use prost_types::field_descriptor_proto::Label;
use prost_types::{DescriptorProto, FileDescriptorSet, MethodDescriptorProto};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    println!("cargo:rerun-if-changed=proto");
    let descriptors = protox::compile(["proto/milvus/service.proto"], ["proto"])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    write_methods(&descriptors, &out.join("methods.rs"))?;
    // Without the transport there is no `connect` constructor: it would clash with the call of that name.
    tonic_prost_build::configure().build_transport(false).bytes(".").compile_fds(descriptors)?;
    Ok(())
}

/// Writes `METHODS` and an implementation of `Reply` for every answer.
fn write_methods(descriptors: &FileDescriptorSet, path: &Path) -> Result<(), Failure> {
    let methods = methods(descriptors);
    let mut text = String::from("/// Every method of `MilvusService`.\npub const METHODS: &[&str] = &[\n");
    let mut replies = BTreeMap::new();
    for method in &methods {
        writeln!(text, "    {:?},", method.name())?;
        replies.insert(method.output_type().to_owned(), status_field(descriptors, method.output_type()));
    }
    text.push_str("];\n");
    for (reply, status) in replies {
        write_reply(&mut text, &reply, status.as_deref())?;
    }
    std::fs::write(path, text)?;
    Ok(())
}

fn write_reply(text: &mut String, reply: &str, status: Option<&str>) -> Result<(), Failure> {
    let Some((package, name)) = reply.strip_prefix(".milvus.proto.").and_then(|path| path.split_once('.'))
    else {
        return Ok(());
    };
    let path = format!("{package}::{}", name.to_upper_camel_case());
    if path == "common::Status" {
        return Ok(());
    }
    let value = match status {
        Some(field) => format!("Self {{ {field}: Some(status), ..Default::default() }}"),
        None => "{ let _ = status; Self::default() }".to_owned(),
    };
    writeln!(
        text,
        "#[allow(clippy::needless_update)]\nimpl Reply for {path} {{ fn with_status(status: common::Status) -> Self {{ {value} }} }}"
    )?;
    Ok(())
}

fn methods(descriptors: &FileDescriptorSet) -> Vec<&MethodDescriptorProto> {
    descriptors.file.iter().flat_map(|file| &file.service).flat_map(|service| &service.method).collect()
}

/// The field of a message that holds a `common.Status`, outside any `oneof`.
fn status_field(descriptors: &FileDescriptorSet, name: &str) -> Option<String> {
    let field = message(descriptors, name)?.field.iter().find(|field| {
        field.type_name() == ".milvus.proto.common.Status"
            && field.label() == Label::Optional
            && field.oneof_index.is_none()
    })?;
    Some(field.name().to_owned())
}

fn message<'a>(descriptors: &'a FileDescriptorSet, name: &str) -> Option<&'a DescriptorProto> {
    let of_file = |file: &'a prost_types::FileDescriptorProto| {
        let package = format!(".{}.", file.package());
        let short = name.strip_prefix(&package)?.to_owned();
        file.message_type.iter().find(move |message| message.name() == short)
    };
    descriptors.file.iter().find_map(of_file)
}
