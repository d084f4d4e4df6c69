//! The server from outside: real HTTP, real sockets, real PostgreSQL.

mod auth;
mod clients;
mod commands;
mod enrolment;
mod events;
mod gateway;
mod http;
mod ingest;
mod isolation;
mod setup;
mod strangers;
