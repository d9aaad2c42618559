//! A table of samples in columns, for data frames and warehouses.

use std::io::{self, Write};
use std::sync::Arc;

use mad_store::Recording;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::columns::{COLUMNS, Column, Row, rows};

/// So many rows are held in memory and written as one group.
const GROUP: usize = 100_000;

/// What is in an optional column: this level where there is a value, one less where there is none.
const THERE: i16 = 1;

pub(super) struct Table<W: Write + Send> {
    file: SerializedFileWriter<W>,
    /// The rows of the next group, by column.
    values: [Values; COLUMNS.len()],
    rows: usize,
}

/// What is in a column.
enum Values {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>, Vec<i16>),
    Number(Vec<f64>, Vec<i16>),
    Flag(Vec<bool>),
}

impl Values {
    fn of(column: Column) -> Self {
        match column {
            Column::Text(_) => Self::Text(Vec::new()),
            Column::Integer(_) => Self::Integer(Vec::new(), Vec::new()),
            Column::Number(_) => Self::Number(Vec::new(), Vec::new()),
            Column::Flag(_) => Self::Flag(Vec::new()),
        }
    }

    fn push(&mut self, column: Column, row: Row<'_>) {
        match (self, column) {
            (Self::Text(values), Column::Text(of)) => values.push(ByteArray::from(&*of(row))),
            (Self::Integer(values, levels), Column::Integer(of)) => push(values, levels, of(row)),
            (Self::Number(values, levels), Column::Number(of)) => push(values, levels, of(row)),
            (Self::Flag(values), Column::Flag(of)) => values.push(of(row)),
            _ => unreachable!("the values are made after the columns"),
        }
    }

    /// Writes the next column of a group.
    fn write<W: Write + Send>(
        self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        match self {
            Self::Text(values) => column::<ByteArrayType, W>(group, &values, None),
            Self::Integer(values, levels) => column::<Int64Type, W>(group, &values, Some(&levels)),
            Self::Number(values, levels) => column::<DoubleType, W>(group, &values, Some(&levels)),
            Self::Flag(values) => column::<BoolType, W>(group, &values, None),
        }
    }
}

fn push<T>(values: &mut Vec<T>, levels: &mut Vec<i16>, value: Option<T>) {
    levels.push(if value.is_some() { THERE } else { THERE - 1 });
    values.extend(value);
}

fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else {
        return Ok(());
    };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}

impl<W: Write + Send> Table<W> {
    pub(super) fn new(sink: W) -> io::Result<Self> {
        Ok(Self {
            file: SerializedFileWriter::new(sink, schema()?, Arc::default())?,
            values: COLUMNS.map(|(_, column)| Values::of(column)),
            rows: 0,
        })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for (values, (_, column)) in self.values.iter_mut().zip(COLUMNS) {
            std::mem::replace(values, Values::of(column)).write(&mut group)?;
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl<W: Write + Send> super::Writer for Table<W> {
    fn write(&mut self, recording: &Recording) -> io::Result<()> {
        for row in rows(recording) {
            for (values, (_, column)) in self.values.iter_mut().zip(COLUMNS) {
                values.push(column, row);
            }
            self.rows += 1;
            if self.rows == GROUP {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_group()?;
        self.file.close()?;
        Ok(())
    }
}

/// Texts and flags are always there; numbers may be missing.
fn schema() -> Result<TypePtr, ParquetError> {
    let fields = COLUMNS.map(|(name, column)| {
        let (physical, repetition) = match column {
            Column::Text(_) => (Physical::BYTE_ARRAY, Repetition::REQUIRED),
            Column::Integer(_) => (Physical::INT64, Repetition::OPTIONAL),
            Column::Number(_) => (Physical::DOUBLE, Repetition::OPTIONAL),
            Column::Flag(_) => (Physical::BOOLEAN, Repetition::REQUIRED),
        };
        let logical = matches!(column, Column::Text(_)).then_some(LogicalType::String);
        let field = Type::primitive_type_builder(name, physical);
        field
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    });
    let fields = fields.into_iter().collect::<Result<_, _>>()?;
    Type::group_type_builder("sample")
        .with_fields(fields)
        .build()
        .map(Arc::new)
}
