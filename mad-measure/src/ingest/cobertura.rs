//! Cobertura's XML, which many coverage tools write.

use std::collections::BTreeMap;

use roxmltree::Node;

use super::error::IngestError;
use super::xml;
use crate::coverage::FileCoverage;

/// Reads a report. Classes of one file are told as the file.
pub(super) fn read(text: &str) -> Result<Vec<FileCoverage>, IngestError> {
    let document = xml::document(text)?;
    let root = document.root_element();
    if !root.has_tag_name("coverage") {
        let name = root.tag_name().name();
        return Err(IngestError::at(
            xml::line(root),
            format!("`<{name}>` is no Cobertura report: it begins with `<coverage>`"),
        ));
    }
    let mut files = BTreeMap::<&str, File>::new();
    for class in root.descendants().filter(|node| node.has_tag_name("class")) {
        let name = class.attribute("filename");
        let name =
            name.ok_or_else(|| IngestError::at(xml::line(class), "a class has no `filename`"))?;
        files.entry(name).or_default().add(class)?;
    }
    Ok(files
        .into_iter()
        .map(|(path, file)| file.coverage(path))
        .collect())
}

#[derive(Default)]
struct File {
    lines: BTreeMap<u64, bool>,
    functions: BTreeMap<String, bool>,
    branches: BTreeMap<u64, (u64, u64)>,
}

impl File {
    fn add(&mut self, class: Node<'_, '_>) -> Result<(), IngestError> {
        for node in class.descendants().filter(Node::is_element) {
            match node.tag_name().name() {
                "line" => self.add_line(node)?,
                "method" => self.add_method(node)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn add_line(&mut self, node: Node<'_, '_>) -> Result<(), IngestError> {
        let (number, is_hit) = (number(node, "number")?, number(node, "hits")? > 0);
        *self.lines.entry(number).or_default() |= is_hit;
        // `50% (1/2)`
        let condition = node.attribute("condition-coverage").and_then(|text| {
            let (covered, all) = text.split_once('(')?.1.strip_suffix(')')?.split_once('/')?;
            Some((covered.parse::<u64>().ok()?, all.parse::<u64>().ok()?))
        });
        if let Some((covered, all)) = condition.filter(|(covered, all)| covered <= all) {
            self.branches.insert(number, (covered, all));
        }
        Ok(())
    }

    fn add_method(&mut self, node: Node<'_, '_>) -> Result<(), IngestError> {
        let name = node.attribute("name").unwrap_or_default();
        let signature = node.attribute("signature").unwrap_or_default();
        let lines = node.descendants().filter(|line| line.has_tag_name("line"));
        let mut is_hit = false;
        for line in lines {
            is_hit |= number(line, "hits")? > 0;
        }
        *self
            .functions
            .entry(format!("{name}{signature}"))
            .or_default() |= is_hit;
        Ok(())
    }

    fn coverage(self, path: &str) -> FileCoverage {
        let mut coverage = FileCoverage {
            path: path.to_owned(),
            ..FileCoverage::default()
        };
        self.lines
            .values()
            .for_each(|is_hit| coverage.lines.add_one(*is_hit));
        self.functions
            .values()
            .for_each(|is_hit| coverage.functions.add_one(*is_hit));
        for (covered, all) in self.branches.into_values() {
            coverage.branches.covered = coverage.branches.covered.saturating_add(covered);
            coverage.branches.all = coverage.branches.all.saturating_add(all);
        }
        coverage
    }
}

fn number(node: Node<'_, '_>, name: &str) -> Result<u64, IngestError> {
    let text = node.attribute(name).unwrap_or_default();
    text.parse().map_err(|_| {
        let reason = format!("`{name}` of a line is `{text}`, which is no number");
        IngestError::at(xml::line(node), reason)
    })
}
