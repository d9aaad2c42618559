//! The figures of both projects, side by side.

use super::idle::Idle;
use crate::project::Build;
use crate::table::Table;

/// All that is measured of one project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) n_crates: usize,
    pub(crate) build: Build,
    pub(crate) binary_bytes: u64,
    pub(crate) idle: Idle,
}

/// A line of the table: what it is, how many decimals it has and where it comes from.
type Row<T> = (&'static str, usize, fn(&T) -> f64);

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes and counts here are far below 2^52"
)]
const BUILD_ROWS: &[Row<Figures>] = &[
    ("crates", 0, |it| it.n_crates as f64),
    ("clean release build, wall s", 1, |it| {
        it.build.wall.as_secs_f64()
    }),
    ("clean release build, CPU s", 1, |it| {
        it.build.cpu.as_secs_f64()
    }),
    ("stripped binary, KiB", 0, |it| {
        it.binary_bytes as f64 / 1024.0
    }),
];

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes and counts here are far below 2^52"
)]
const IDLE_ROWS: &[Row<Idle>] = &[
    ("resident memory when idle, KiB", 0, |it| {
        it.status.rss_bytes as f64 / 1024.0
    }),
    ("CPU when idle, % of one core", 2, Idle::cpu_percent),
    ("threads", 0, |it| it.status.n_threads as f64),
];

/// Returns the table of both.
pub(crate) fn table(plain: &Figures, mad: &Figures) -> Table {
    let mut table = Table::new(&["", "plain", "with MAD", "difference"]);
    add_rows(&mut table, BUILD_ROWS, plain, mad);
    add_rows(&mut table, IDLE_ROWS, &plain.idle, &mad.idle);
    table
}

/// Returns the table of what the service uses with MAD and a hundred checks.
pub(crate) fn idle_table(plain: &Idle, hundred: &Idle) -> Table {
    let mut table = Table::new(&["", "plain", "with MAD and 100 checks", "difference"]);
    add_rows(&mut table, IDLE_ROWS, plain, hundred);
    table
}

fn add_rows<T>(table: &mut Table, rows: &[Row<T>], plain: &T, mad: &T) {
    for &(what, decimals, value) in rows {
        let (plain, mad) = (value(plain), value(mad));
        let difference = mad - plain;
        table.row(&[
            what.to_owned(),
            format!("{plain:.decimals$}"),
            format!("{mad:.decimals$}"),
            format!("{difference:+.decimals$}"),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Build, Figures, Idle, table};
    use crate::proc::Status;

    fn figures(n: u64) -> Figures {
        Figures {
            n_crates: 10,
            build: Build {
                wall: Duration::from_secs(n),
                cpu: Duration::from_secs(2 * n),
            },
            binary_bytes: n << 20,
            idle: Idle {
                status: Status {
                    rss_bytes: n << 20,
                    n_threads: n,
                },
                cpu: Duration::from_millis(10 * n),
            },
        }
    }

    #[test]
    fn differences_carry_their_sign() {
        let table = table(&figures(1), &figures(3)).to_string();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "| | plain | with MAD | difference |");
        assert_eq!(lines[2], "| crates | 10 | 10 | +0 |");
        assert_eq!(
            lines[3],
            "| clean release build, wall s | 1.0 | 3.0 | +2.0 |"
        );
        assert_eq!(lines[5], "| stripped binary, KiB | 1024 | 3072 | +2048 |");
        assert_eq!(
            lines[7],
            "| CPU when idle, % of one core | 0.02 | 0.05 | +0.03 |"
        );
    }
}
