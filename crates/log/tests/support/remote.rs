// SPDX-License-Identifier: Apache-2.0
//! The servers on which the tests keep stores.

use super::home::Store;

fn variable(name: &str) -> String {
    std::env::var(name).map_err(|error| format!("{name}: {error}")).unwrap()
}

#[cfg(feature = "s3")]
pub fn location(prefix: &str) -> comity_log::s3::Location {
    comity_log::s3::Location {
        url: format!("{}/{prefix}", variable("COMITY_S3")),
        endpoint: Some(variable("COMITY_S3_ENDPOINT")),
        ..comity_log::s3::Location::default()
    }
}

#[cfg(feature = "s3")]
pub fn clock() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

#[cfg(feature = "s3")]
pub fn bucket(prefix: &str) -> comity_log::s3::Bucket {
    let credentials = comity_log::s3::Credentials::new(&variable("AWS_ACCESS_KEY_ID"), &variable("AWS_SECRET_ACCESS_KEY"), None);
    comity_log::s3::Bucket::new(&location(prefix), credentials, clock).unwrap()
}

#[cfg(feature = "postgres")]
pub fn database() -> comity_log::postgres::Database {
    comity_log::postgres::Database::new(&variable("COMITY_POSTGRES"), None, None).unwrap()
}

/// The same, under a name by which the server knows its connections.
#[cfg(feature = "postgres")]
pub fn database_as(name: &str) -> comity_log::postgres::Database {
    let url = variable("COMITY_POSTGRES");
    let separator = if url.contains('?') { '&' } else { '?' };
    comity_log::postgres::Database::new(&format!("{url}{separator}application_name={name}"), None, None).unwrap()
}

/// How many rows a query gives.
#[cfg(feature = "postgres")]
pub fn rows(query: &str) -> usize {
    postgres::Client::connect(&variable("COMITY_POSTGRES"), postgres::NoTls).unwrap().query(query, &[]).unwrap().len()
}

/// Does something to the database beside the stores.
#[cfg(feature = "postgres")]
pub fn sql(statements: &str) {
    let mut client = postgres::Client::connect(&variable("COMITY_POSTGRES"), postgres::NoTls).unwrap();
    client.batch_execute(statements).unwrap();
}

#[cfg(feature = "postgres")]
const fn tables(store: Store) -> &'static [&'static str] {
    match store {
        Store::Queue => &["entries", "once", "next"],
        Store::Lock => &["signed"],
        Store::Files => &[],
    }
}

#[cfg(feature = "postgres")]
pub fn wipe(name: &str, store: Store) {
    let schema = comity_log::postgres::schema(name);
    let statements: String = tables(store).iter().map(|table| format!("DROP TABLE IF EXISTS {schema}.{table};")).collect();
    sql(&statements);
}

#[cfg(feature = "postgres")]
pub fn copy(name: &str, from: &str, store: Store) {
    let (schema, theirs) = (comity_log::postgres::schema(name), comity_log::postgres::schema(from));
    let mut statements = format!("CREATE SCHEMA IF NOT EXISTS {schema};");
    for table in tables(store) {
        statements += &format!("CREATE TABLE {schema}.{table} (LIKE {theirs}.{table} INCLUDING ALL);");
        statements += &format!("INSERT INTO {schema}.{table} SELECT * FROM {theirs}.{table};");
    }
    sql(&statements);
}

#[cfg(feature = "postgres")]
pub fn drop_schema(name: &str) {
    sql(&format!("DROP SCHEMA IF EXISTS {} CASCADE", comity_log::postgres::schema(name)));
}
