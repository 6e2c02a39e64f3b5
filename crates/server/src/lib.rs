//! The gRPC and HTTP front ends over the engine.
