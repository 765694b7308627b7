mod properties;
mod support;
mod worked;
