use crate::schema::{FloatArray, StringArray};
use crate::{METHODS, Reply, common, milvus};
use bytes::Bytes;
use prost::Message;

/// What clients compile the two arrays as.
#[derive(Clone, PartialEq, Message)]
struct PackedFloats {
    #[prost(float, repeated, tag = "1")]
    data: Vec<f32>,
}

#[derive(Clone, PartialEq, Message)]
struct Strings {
    #[prost(string, repeated, tag = "1")]
    data: Vec<String>,
}

#[test]
fn float_payloads_have_the_wire_form_of_packed_floats() {
    let floats = PackedFloats { data: vec![1.0, -2.5, f32::MAX] };
    let ours = FloatArray::decode(Bytes::from(floats.encode_to_vec())).unwrap();
    let expected: Vec<u8> = floats.data.iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(ours.data, expected);
    assert_eq!(ours.encode_to_vec(), floats.encode_to_vec());
}

#[test]
fn text_payloads_have_the_wire_form_of_strings() {
    let texts = Strings { data: vec!["a".into(), String::new(), "déjà".into()] };
    let ours = StringArray::decode(Bytes::from(texts.encode_to_vec())).unwrap();
    assert_eq!(ours.data[2], "déjà".as_bytes());
    assert_eq!(ours.encode_to_vec(), texts.encode_to_vec());
}

#[test]
fn decoded_floats_are_a_slice_of_the_message() {
    let message = Bytes::from(FloatArray { data: Bytes::from(vec![7; 4096]) }.encode_to_vec());
    let range = message.as_ptr_range();
    let decoded = FloatArray::decode(message.clone()).unwrap();
    assert!(range.contains(&decoded.data.as_ptr()), "the payload was copied");
}

#[test]
fn every_reply_carries_its_status() {
    let status = common::Status { code: 10, ..Default::default() };
    let search = milvus::SearchResults::with_status(status.clone());
    assert_eq!(search.status.as_ref().map(|s| s.code), Some(10));
    let alter = milvus::AlterCollectionSchemaResponse::with_status(status);
    assert_eq!(alter.alter_status.map(|s| s.code), Some(10));
    assert_eq!(METHODS.len(), 144);
}
