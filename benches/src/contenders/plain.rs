//! The plain function: what the work, the clock and the loop cost by themselves.

use std::io;
use std::path::Path;

use super::Contender;
use crate::work;

pub struct Plain;

#[inline(never)]
fn read_file(path: &str) -> io::Result<usize> {
    work::read(path)
}

#[inline(never)]
fn run(_task: &str, first: usize) -> io::Result<usize> {
    work::each_tool(first, read_file)
}

impl Contender for Plain {
    fn start(&mut self, _file: &Path) -> io::Result<()> {
        Ok(())
    }

    fn burst(&self, first: usize) -> io::Result<usize> {
        run(work::path(first), first)
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }

    fn counted(&self) -> Option<(u64, u64)> {
        None
    }

    fn disabled(&self, path: &'static str) -> io::Result<usize> {
        read_file(path)
    }
}
