//! Words of a question that belong together, and pieces of words that say nothing.

use crate::answer::words::{Script, words};

/// Chinese and Japanese pairs that questions are put with.
const FUNCTION_PIECES: &str = "什么 什麼 怎么 怎麼 如何 可以 是否 能否 我们 我們 你们 您们 哪里 哪裡 哪些 多少 请问 請問 为何 为什 為什 怎样 怎樣 需要 应该 應該 \
    有没 没有 沒有 不能 是不 能不 一下 一个 一個 这个 這個 那个 那個 时候 時候 多久 还是 還是 或者 以及 何時 何日 何分 何度 何人 何故 場合 教示";

/// Characters that make a pair one of them.
const FUNCTION_CHARACTERS: &str = "的了吗嗎呢吧么麼啊我你您他她它太很把被给給何";

/// Words of a question that belong together.
pub(super) struct Run {
    pub words: Vec<String>,
    pub script: Script,
    /// Of a piece: whether its last character is the first of the next one.
    pub overlaps_next: bool,
}

impl Run {
    pub fn is_spaced(&self) -> bool {
        self.script == Script::Spaced
    }
}

/// Reads the words of a text; those joined by `_` or `-` are one name (`token_missing`, `frame-ancestors`) and stay
/// together, and so do the parts of a number (`1.0`).
pub(super) fn runs(text: &str) -> Vec<Run> {
    /// Names have fewer parts; what has more is a line drawn with underscores.
    const MOST_PARTS: usize = 6;
    let mut runs: Vec<Run> = Vec::new();
    let mut last_end = None;
    for word in words(text) {
        let is_number = |run: &Run| {
            let last = run.words.last().map(String::as_str).unwrap_or_default();
            last.bytes().all(|byte| byte.is_ascii_digit())
        };
        let gap = last_end.and_then(|end| text.get(end..word.start));
        let is_joined = word.script == Script::Spaced
            && match gap {
                Some("_" | "-") => true,
                Some("." | ",") => runs.last().is_some_and(is_number),
                _ => false,
            };
        let overlaps = last_end.is_some_and(|end| end > word.start);
        last_end = Some(word.end);
        match runs.last_mut() {
            Some(run) if is_joined && run.is_spaced() && run.words.len() < MOST_PARTS => {
                run.words.push(word.folded);
                continue;
            }
            Some(run) if overlaps => run.overlaps_next = true,
            _ => {}
        }
        runs.push(Run {
            words: vec![word.folded],
            script: word.script,
            overlaps_next: false,
        });
    }
    runs
}

/// Tells whether a piece says how the question is put and not what it is about: Japanese's endings, one of
/// [`FUNCTION_PIECES`], or a pair across the border of one (of 密码怎么重置 the pairs 码怎 and 么重).
pub(super) fn is_piece_of_function_words(runs: &[Run], at: usize) -> bool {
    let piece = |run: &Run| run.words.first().cloned().unwrap_or_default();
    let is_known = |run: &Run| FUNCTION_PIECES.split(' ').any(|known| known == piece(run));
    let Some(run) = runs.get(at) else {
        return false;
    };
    let before = at.checked_sub(1).and_then(|at| runs.get(at));
    let after = runs.get(at + 1);
    match run.script {
        Script::Spaced => false,
        Script::Hiragana => true,
        _ => {
            is_known(run)
                || piece(run).contains(|c| FUNCTION_CHARACTERS.contains(c))
                || before.is_some_and(|before| before.overlaps_next && is_known(before))
                || after.is_some_and(|after| run.overlaps_next && is_known(after))
        }
    }
}
