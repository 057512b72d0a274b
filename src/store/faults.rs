//! What the databases' errors mean: what may be tried again, what is somebody's duplicate, and what is a fault.

use sea_orm::DbErr;
use sea_orm::sqlx::sqlite::SqliteError;

use super::Error;

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        use sea_orm::RuntimeErr::SqlxError;
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error),
            DbErr::Exec(SqlxError(inner)) | DbErr::Query(SqlxError(inner)) => match classify(inner) {
                Class::Conflict => Self::Conflict(error),
                Class::LockTimeout => Self::LockTimeout(error),
                Class::Duplicate(index) => Self::Duplicate(index),
                Class::ForeignKey => Self::ForeignKey(error),
                Class::Unavailable => Self::Unavailable(error),
                Class::Fault => Self::Fault(error),
            },
            _ => Self::Fault(error),
        }
    }
}

enum Class {
    Conflict,
    LockTimeout,
    Duplicate(String),
    ForeignKey,
    Unavailable,
    Fault,
}

fn classify(error: &sea_orm::sqlx::Error) -> Class {
    use sea_orm::sqlx::Error as Sqlx;
    match error {
        Sqlx::Io(_)
        | Sqlx::Tls(_)
        | Sqlx::PoolTimedOut
        | Sqlx::PoolClosed
        | Sqlx::WorkerCrashed
        | Sqlx::Protocol(_) => Class::Unavailable,
        Sqlx::Database(inner) if inner.is_unique_violation() => {
            // PostgreSQL names the index, SQLite lists the columns.
            Class::Duplicate(inner.constraint().map_or_else(|| inner.message().to_owned(), str::to_owned))
        }
        // SQLSTATE 23503, and SQLite's extended code 787.
        Sqlx::Database(inner) if inner.is_foreign_key_violation() => Class::ForeignKey,
        Sqlx::Database(inner) => {
            let code = inner.code().unwrap_or_default();
            match inner.try_downcast_ref::<SqliteError>() {
                Some(_) => by_result_code(code.parse().unwrap_or_default()),
                None => by_sqlstate(&code),
            }
        }
        _ => Class::Fault,
    }
}

/// Classes 08 and 57P: the connection or the server went away; 53: it is full; 57014: the statement took too long.
fn by_sqlstate(code: &str) -> Class {
    match code {
        "40001" | "40P01" => Class::Conflict,
        "55P03" => Class::LockTimeout,
        "57014" => Class::Unavailable,
        _ if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => Class::Unavailable,
        _ => Class::Fault,
    }
}

/// SQLite's primary result code is the low byte of the extended one.
fn by_result_code(code: i32) -> Class {
    match code & 0xff {
        // BUSY, LOCKED.
        5 | 6 => Class::Conflict,
        // READONLY, IOERR, FULL, CANTOPEN.
        8 | 10 | 13 | 14 => Class::Unavailable,
        _ => Class::Fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_what_may_be_repeated() {
        for code in ["40001", "40P01"] {
            assert!(matches!(by_sqlstate(code), Class::Conflict), "{code}");
        }
        for code in ["57P01", "08006", "53100", "53300", "57014"] {
            assert!(matches!(by_sqlstate(code), Class::Unavailable), "{code}");
        }
        assert!(matches!(by_sqlstate("23514"), Class::Fault));
        for (code, temporary) in [(5, true), (517, true), (778, true), (13, true), (275, false), (1, false)] {
            let class = by_result_code(code);
            assert_eq!(matches!(class, Class::Conflict | Class::Unavailable), temporary, "{code}");
        }
    }
}
