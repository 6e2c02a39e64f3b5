//! Moves over JSON text without recursion.

/// A place in a JSON text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'d> {
    pub(super) bytes: &'d [u8],
    pub(super) at: usize,
}

impl<'d> Cursor<'d> {
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes blanks and then `byte`; false when something else stands there.
    #[inline]
    pub(super) fn accept(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Passes a string and answers what stands between its quotes.
    pub(super) fn string(&mut self) -> Option<&'d [u8]> {
        self.blanks();
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            at += plain_run(self.bytes.get(at..)?);
            match *self.bytes.get(at)? {
                b'"' => break,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        self.bytes.get(start..at)
    }

    /// Passes one value of any kind.
    pub(super) fn skip_value(&mut self) -> Option<()> {
        self.blanks();
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => {
                self.at += 1;
                self.leave()
            }
            b',' | b':' | b'}' | b']' => None,
            _ => {
                while let Some(byte) = self.peek()
                    && !matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
                {
                    self.at += 1;
                }
                Some(())
            }
        }
    }

    /// Passes the rest of the container the cursor stands in, its closing bracket too.
    pub(super) fn leave(&mut self) -> Option<()> {
        let mut open = 1_u32;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(());
            }
        }
    }
}

/// Number of leading bytes, in steps of eight, that are neither a quote nor a backslash.
#[inline]
fn plain_run(bytes: &[u8]) -> usize {
    let (blocks, _) = bytes.as_chunks::<8>();
    8 * blocks.iter().take_while(|block| is_plain(u64::from_le_bytes(**block))).count()
}

/// Whether no byte of the word is a quote or a backslash: the classic search for a zero byte, twice.
#[inline]
fn is_plain(word: u64) -> bool {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let has_zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    has_zero(word ^ (LOW * b'"' as u64)) | has_zero(word ^ (LOW * b'\\' as u64)) == 0
}

/// The elements of an array, given with its brackets; ends early where the text is damaged.
pub(crate) fn elements(array: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut cursor = Cursor::new(array);
    let mut open = cursor.accept(b'[') && !cursor.accept(b']');
    std::iter::from_fn(move || {
        if !open {
            return None;
        }
        cursor.blanks();
        let start = cursor.at;
        cursor.skip_value()?;
        let element = cursor.bytes.get(start..cursor.at);
        open = cursor.accept(b',');
        element
    })
}
