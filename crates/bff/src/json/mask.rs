//! `?fields=` projection: which members of an answer are written.

use super::Shape;

/// A tree of wanted members, checked against the answer's shape.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    nodes: Vec<Node>,
    /// The wanted paths as a field mask has them.
    paths: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Wanted members of this object and the node of each; no node: all of it.
    members: Vec<(&'static str, Option<usize>)>,
}

impl Projection {
    /// Parses `id,images.url`.
    ///
    /// # Errors
    /// With the first path that the shape does not have.
    pub fn parse(text: &str, shape: &'static Shape) -> Result<Self, String> {
        let mut projection = Self {
            nodes: vec![Node::default()],
            paths: Vec::new(),
        };
        for path in text.split(',').map(str::trim) {
            if projection.add(path, shape).is_none() {
                return Err(path.chars().take(80).collect());
            }
        }
        Ok(projection)
    }

    fn add(&mut self, path: &str, shape: &'static Shape) -> Option<()> {
        let mut shape = shape;
        let mut node = 0;
        let mut proto: Vec<&str> = Vec::new();
        let mut steps = path.split(['.', '/']).peekable();
        while let Some(step) = steps.next() {
            let field = &shape.fields[shape.find(step)?];
            proto.push(field.proto);
            let known = self.nodes[node]
                .members
                .iter()
                .position(|(name, _)| *name == field.json);
            if steps.peek().is_none() {
                match known {
                    Some(at) => self.nodes[node].members[at].1 = None,
                    None => self.nodes[node].members.push((field.json, None)),
                }
                self.paths.push(proto.join("."));
                return Some(());
            }
            shape = field.child?;
            node = match known {
                // All of it is wanted already; a part of it adds nothing.
                Some(at) if self.nodes[node].members[at].1.is_none() => {
                    return self.is_known(steps, shape);
                }
                Some(at) => self.nodes[node].members[at].1?,
                None => {
                    self.nodes.push(Node::default());
                    let next = self.nodes.len() - 1;
                    self.nodes[node].members.push((field.json, Some(next)));
                    next
                }
            };
        }
        None
    }

    fn is_known<'a>(
        &self,
        steps: impl Iterator<Item = &'a str>,
        shape: &'static Shape,
    ) -> Option<()> {
        let mut shape = Some(shape);
        for step in steps {
            let known = shape?;
            shape = known.fields[known.find(step)?].child;
        }
        Some(())
    }

    /// Whether anything of the member `name` of the whole answer is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.look(0, name).is_some()
    }

    /// The wanted paths, as a backend's read mask takes them.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    /// Whether `name` is wanted at `node`, and the node below it.
    pub(super) fn look(&self, node: usize, name: &str) -> Option<Option<usize>> {
        self.nodes[node]
            .members
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, below)| *below)
    }
}
