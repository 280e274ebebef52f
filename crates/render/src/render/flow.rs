//! Columns of texts and rules: sizes first, then places.

use taffy::prelude::{
    AlignItems, AvailableSpace, Dimension, FlexDirection, JustifyContent, LengthPercentage, NodeId,
    Size as TaffySize, Style, TaffyTree,
};

use crate::report::TextReport;
use crate::scene::{Align, Flow, Frame, Item, Role, Row, Rule, TextItem};
use crate::text::{Bounds, Fitted, Shaper, Spec, fit};
use crate::{Error, Fonts};

/// Share of a column's height that all texts beside the title may take.
const MAX_SECONDARY_SHARE: f32 = 0.45;

/// An item with its place on the cover.
pub(super) struct Placed<'a> {
    pub(super) frame: Frame,
    pub(super) content: Content<'a>,
}

pub(super) enum Content<'a> {
    Text(&'a TextItem, Fitted),
    Rule(&'a Rule),
}

impl Placed<'_> {
    /// The text's own box: the frame without the room its plate or highlight
    /// takes.
    pub(super) fn text_frame(&self) -> Frame {
        match &self.content {
            Content::Rule(_) => self.frame,
            Content::Text(item, fitted) => {
                let [x, y] = padding(item).map(|pad| pad * fitted.size);
                Frame::new(
                    self.frame.x + x,
                    self.frame.y + y,
                    fitted.width.max(1.0),
                    fitted.height.max(1.0),
                )
            }
        }
    }

    pub(super) fn report(&self) -> Option<TextReport> {
        let Content::Text(item, fitted) = &self.content else {
            return None;
        };
        Some(TextReport {
            role: item.role,
            lines: fitted.lines.iter().map(|line| line.text.clone()).collect(),
            size: fitted.size,
            frame: self.text_frame(),
            is_cut: fitted.is_cut,
            ink: None,
        })
    }
}

/// Room around a text for its plate and its highlight, in ems.
pub(super) fn padding(item: &TextItem) -> [f32; 2] {
    let plate = item
        .plate
        .map_or([0.0; 2], |plate| [plate.pad_x, plate.pad_y]);
    let highlight = item
        .highlight
        .map_or([0.0; 2], |highlight| [highlight.pad_x, highlight.pad_y]);
    [plate[0] + highlight[0], plate[1] + highlight[1]]
}

/// Fits and places a column.
pub(super) fn lay_out<'a>(
    shaper: &mut Shaper,
    fonts: &Fonts,
    flow: &'a Flow,
) -> Result<Vec<Placed<'a>>, Error> {
    let mut sizer = Sizer {
        shaper,
        fonts,
        flow,
    };
    let cells = sizer.cells()?;
    Ok(place(flow, cells))
}

/// An item with its size decided.
enum Cell<'a> {
    Leaf(Content<'a>, [f32; 2]),
    Row(f32, Vec<Cell<'a>>),
    Spacer(f32),
}

impl Cell<'_> {
    fn height(&self) -> f32 {
        match self {
            Self::Leaf(_, size) => size[1],
            Self::Row(_, cells) => cells.iter().map(Self::height).fold(0.0, f32::max),
            Self::Spacer(_) => 0.0,
        }
    }

    fn is_rtl(&self) -> Option<bool> {
        match self {
            Self::Leaf(Content::Text(_, fitted), _) => Some(fitted.is_rtl),
            _ => None,
        }
    }
}

struct Sizer<'s, 'a> {
    shaper: &'s mut Shaper,
    fonts: &'s Fonts,
    flow: &'a Flow,
}

impl<'a> Sizer<'_, 'a> {
    /// Decides sizes. Items that may go, go one by one as long as the title
    /// would have to be cut.
    fn cells(&mut self) -> Result<Vec<Cell<'a>>, Error> {
        let items = &self.flow.items;
        let mut secondary: Vec<Option<Cell<'a>>> = Vec::with_capacity(items.len());
        for item in items {
            secondary.push(if is_title(item) {
                None
            } else {
                Some(self.secondary(item)?)
            });
        }
        let Some((index, title)) = items
            .iter()
            .enumerate()
            .find_map(|(index, item)| match item {
                Item::Text(text) if text.role == Role::Title => Some((index, text)),
                _ => None,
            })
        else {
            return Ok(secondary.into_iter().flatten().collect());
        };
        let mut may_go: Vec<usize> = (0..items.len())
            .filter(|&i| is_optional(&items[i]))
            .collect();
        may_go.sort_by_key(|&i| std::cmp::Reverse(expendability(&items[i])));
        let mut may_go = may_go.into_iter();
        loop {
            let fitted = self.title(title, self.room(&secondary))?;
            if fitted.is_cut
                && let Some(drop) = may_go.next()
            {
                secondary[drop] = None;
                continue;
            }
            let size = padded(title, &fitted);
            secondary[index] = Some(Cell::Leaf(Content::Text(title, fitted), size));
            return Ok(secondary.into_iter().flatten().collect());
        }
    }

    /// Height that the present items leave to the title.
    fn room(&self, secondary: &[Option<Cell<'a>>]) -> f32 {
        let present = secondary.iter().flatten();
        let taken: f32 = present.clone().map(Cell::height).sum();
        let gaps = present.count() as f32 * self.flow.gap;
        (self.flow.frame.height - taken - gaps).max(1.0)
    }

    fn title(&mut self, item: &TextItem, height: f32) -> Result<Fitted, Error> {
        self.text(item, self.flow.frame.width, height)
    }

    fn secondary(&mut self, item: &'a Item) -> Result<Cell<'a>, Error> {
        let frame = self.flow.frame;
        let height = frame.height * MAX_SECONDARY_SHARE;
        match item {
            Item::Text(text) => {
                let fitted = self.text(text, frame.width, height)?;
                let size = padded(text, &fitted);
                Ok(Cell::Leaf(Content::Text(text, fitted), size))
            }
            Item::Rule(rule) => Ok(Cell::Leaf(
                Content::Rule(rule),
                [rule.width.min(frame.width), rule.height],
            )),
            Item::Spacer(spacer) => Ok(Cell::Spacer(spacer.grow)),
            Item::Row(row) => self.row(row, height),
        }
    }

    fn row(&mut self, row: &'a Row, height: f32) -> Result<Cell<'a>, Error> {
        let texts = row
            .items
            .iter()
            .filter(|item| matches!(item, Item::Text(_)));
        let rules: f32 = row
            .items
            .iter()
            .map(|item| {
                if let Item::Rule(rule) = item {
                    rule.width
                } else {
                    0.0
                }
            })
            .sum();
        let gaps = row.gap * row.items.len().saturating_sub(1) as f32;
        let share = (self.flow.frame.width - rules - gaps) / texts.count().max(1) as f32;
        let mut cells = Vec::with_capacity(row.items.len());
        for item in &row.items {
            cells.push(match item {
                Item::Text(text) => {
                    let fitted = self.text(text, share.max(1.0), height)?;
                    let size = padded(text, &fitted);
                    Cell::Leaf(Content::Text(text, fitted), size)
                }
                Item::Rule(rule) => Cell::Leaf(Content::Rule(rule), [rule.width, rule.height]),
                Item::Spacer(spacer) => Cell::Spacer(spacer.grow),
                Item::Row(_) => return Err(Error::scene("items", "rows do not nest")),
            });
        }
        Ok(Cell::Row(row.gap, cells))
    }

    fn text(&mut self, item: &TextItem, width: f32, height: f32) -> Result<Fitted, Error> {
        let spec = Spec::new(self.fonts, item)?;
        let bounds = Bounds {
            width,
            height,
            padding: padding(item),
            min_size: item.min_size,
            max_size: item.max_size,
            max_lines: item.max_lines as usize,
        };
        fit(
            self.shaper,
            self.fonts,
            &spec,
            &bounds,
            self.flow.horizontal,
        )
    }
}

fn padded(item: &TextItem, fitted: &Fitted) -> [f32; 2] {
    let [x, y] = padding(item).map(|pad| pad * fitted.size);
    [fitted.width + 2.0 * x, fitted.height + 2.0 * y]
}

fn is_title(item: &Item) -> bool {
    matches!(item, Item::Text(text) if text.role == Role::Title)
}

fn is_optional(item: &Item) -> bool {
    match item {
        Item::Text(text) => text.optional,
        Item::Rule(_) => true,
        Item::Row(row) => row.items.iter().all(is_optional),
        Item::Spacer(_) => false,
    }
}

/// Higher goes sooner: ornament before labels before what the writer wrote.
fn expendability(item: &Item) -> u8 {
    match item {
        Item::Text(text) if text.role == Role::Subtitle => 0,
        Item::Text(_) => 1,
        _ => 2,
    }
}

/// Turns sizes into places.
fn place<'a>(flow: &Flow, cells: Vec<Cell<'a>>) -> Vec<Placed<'a>> {
    let is_rtl = cells.iter().find_map(Cell::is_rtl).unwrap_or(false);
    let mut tree: TaffyTree<()> = TaffyTree::with_capacity(cells.len() + 1);
    // Places are kept at full precision; glyphs are placed to the subpixel.
    tree.disable_rounding();
    let mut leaves: Vec<(NodeId, Content<'a>)> = Vec::new();
    let children: Vec<NodeId> = cells
        .into_iter()
        .map(|cell| add(&mut tree, cell, is_rtl, &mut leaves))
        .collect();
    let style = Style {
        flex_direction: FlexDirection::Column,
        size: TaffySize {
            width: Dimension::length(flow.frame.width),
            height: Dimension::length(flow.frame.height),
        },
        gap: TaffySize {
            width: LengthPercentage::length(0.0),
            height: LengthPercentage::length(flow.gap),
        },
        justify_content: match flow.vertical {
            Align::Start => JustifyContent::FLEX_START,
            Align::Center => JustifyContent::CENTER,
            Align::End => JustifyContent::FLEX_END,
        },
        align_items: match (flow.horizontal, is_rtl) {
            (Align::Center, _) => AlignItems::CENTER,
            (Align::Start, false) | (Align::End, true) => AlignItems::FLEX_START,
            (Align::End, false) | (Align::Start, true) => AlignItems::FLEX_END,
        },
        ..Style::default()
    };
    let root = tree
        .new_with_children(style, &children)
        .expect("the children were made by this tree");
    let space = TaffySize {
        width: AvailableSpace::Definite(flow.frame.width),
        height: AvailableSpace::Definite(flow.frame.height),
    };
    tree.compute_layout(root, space)
        .expect("the root was made by this tree");
    leaves
        .into_iter()
        .map(|(node, content)| Placed {
            frame: absolute(&tree, node, root, flow),
            content,
        })
        .collect()
}

fn add<'a>(
    tree: &mut TaffyTree<()>,
    cell: Cell<'a>,
    is_rtl: bool,
    leaves: &mut Vec<(NodeId, Content<'a>)>,
) -> NodeId {
    const MADE_HERE: &str = "the nodes were made by this tree";
    match cell {
        Cell::Leaf(content, [width, height]) => {
            let style = Style {
                size: TaffySize {
                    width: Dimension::length(width),
                    height: Dimension::length(height),
                },
                flex_shrink: 0.0,
                ..Style::default()
            };
            let node = tree.new_leaf(style).expect(MADE_HERE);
            leaves.push((node, content));
            node
        }
        Cell::Row(gap, cells) => {
            let children: Vec<NodeId> = cells
                .into_iter()
                .map(|cell| add(tree, cell, is_rtl, leaves))
                .collect();
            let style = Style {
                flex_direction: if is_rtl {
                    FlexDirection::RowReverse
                } else {
                    FlexDirection::Row
                },
                align_items: AlignItems::CENTER,
                gap: TaffySize {
                    width: LengthPercentage::length(gap),
                    height: LengthPercentage::length(0.0),
                },
                flex_shrink: 0.0,
                ..Style::default()
            };
            tree.new_with_children(style, &children).expect(MADE_HERE)
        }
        Cell::Spacer(grow) => tree
            .new_leaf(Style {
                flex_grow: grow,
                ..Style::default()
            })
            .expect(MADE_HERE),
    }
}

fn absolute(tree: &TaffyTree<()>, node: NodeId, root: NodeId, flow: &Flow) -> Frame {
    let (mut x, mut y) = (flow.frame.x, flow.frame.y);
    let layout = tree.layout(node).expect("the layout was computed");
    let mut current = node;
    while current != root {
        let place = tree.layout(current).expect("the layout was computed");
        x += place.location.x;
        y += place.location.y;
        match tree.parent(current) {
            Some(parent) => current = parent,
            None => break,
        }
    }
    Frame::new(x, y, layout.size.width, layout.size.height)
}
