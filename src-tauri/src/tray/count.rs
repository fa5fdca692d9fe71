//! A number in the corner of an icon, for trays that show nothing beside it.

use tauri::image::Image;

/// The number's ground and rim, as in the sources of the icons.
const GROUND: [u8; 3] = [0xc6, 0x2f, 0x1d];
const WHITE: [u8; 3] = [0xff, 0xff, 0xff];

/// Two points that a stroke joins, in a digit's box of one by two.
type Stroke = ([f32; 2], [f32; 2]);

const TOP: Stroke = ([0.0, 0.0], [1.0, 0.0]);
const MIDDLE: Stroke = ([0.0, 1.0], [1.0, 1.0]);
const BOTTOM: Stroke = ([0.0, 2.0], [1.0, 2.0]);
const UPPER_LEFT: Stroke = ([0.0, 0.0], [0.0, 1.0]);
const UPPER_RIGHT: Stroke = ([1.0, 0.0], [1.0, 1.0]);
const LOWER_LEFT: Stroke = ([0.0, 1.0], [0.0, 2.0]);
const LOWER_RIGHT: Stroke = ([1.0, 1.0], [1.0, 2.0]);

/// The plus sign, between the digit's lines.
const PLUS: [Stroke; 2] = [([0.0, 1.0], [1.0, 1.0]), ([0.5, 0.5], [0.5, 1.5])];

fn digit(number: usize) -> &'static [Stroke] {
    match number {
        1 => &[([0.5, 0.0], [0.5, 2.0]), ([0.5, 0.0], [0.1, 0.4])],
        2 => &[TOP, UPPER_RIGHT, MIDDLE, LOWER_LEFT, BOTTOM],
        3 => &[TOP, UPPER_RIGHT, MIDDLE, LOWER_RIGHT, BOTTOM],
        4 => &[UPPER_LEFT, MIDDLE, UPPER_RIGHT, LOWER_RIGHT],
        5 => &[TOP, UPPER_LEFT, MIDDLE, LOWER_RIGHT, BOTTOM],
        6 => &[TOP, UPPER_LEFT, MIDDLE, LOWER_LEFT, LOWER_RIGHT, BOTTOM],
        7 => &[TOP, ([1.0, 0.0], [0.4, 2.0])],
        8 => &[
            TOP,
            UPPER_LEFT,
            UPPER_RIGHT,
            MIDDLE,
            LOWER_LEFT,
            LOWER_RIGHT,
            BOTTOM,
        ],
        _ => &[TOP, UPPER_LEFT, UPPER_RIGHT, MIDDLE, LOWER_RIGHT, BOTTOM],
    }
}

/// `picture` with `count` in its lower right corner: 1 to 9, and "9+" for more.
#[must_use]
pub(super) fn with_count(picture: &Image<'_>, count: usize) -> Image<'static> {
    let (width, height) = (picture.width(), picture.height());
    let mut pixels = picture.rgba().to_vec();
    // In sixty-fourths of the icon's side, like the sources of the icons.
    let unit = to_f32(width) / 64.0;
    let is_many = count > 9;
    let (left, right, middle, radius) = (if is_many { 31.0 } else { 43.0 }, 43.0, 43.0, 18.0);
    let across = ([left, middle], [right, middle]);
    let mut strokes = placed(digit(count), if is_many { 22.0 } else { 38.0 }, 33.0, 10.0);
    if is_many {
        strokes.extend(placed(&PLUS, 41.0, 33.5, 9.5));
    }
    for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let at = u32::try_from(at).unwrap_or(0);
        let point = [
            (to_f32(at % width) + 0.5) / unit,
            (to_f32(at / width) + 0.5) / unit,
        ];
        let from_ground = distance(point, across) - radius;
        let from_digit = strokes
            .iter()
            .map(|stroke| distance(point, *stroke))
            .fold(f32::INFINITY, f32::min);
        paint(pixel, WHITE, covered(from_ground - 3.0, unit));
        paint(pixel, GROUND, covered(from_ground, unit));
        paint(pixel, WHITE, covered(from_digit - 2.9, unit));
    }
    Image::new_owned(pixels, width, height)
}

/// The strokes of a digit as wide as `width`, at its place in the icon.
fn placed(strokes: &[Stroke], left: f32, top: f32, width: f32) -> Vec<Stroke> {
    let place = |[x, y]: [f32; 2]| [left + x * width, top + y * width];
    strokes
        .iter()
        .map(|(from, to)| (place(*from), place(*to)))
        .collect()
}

/// How much of a pixel lies inside a shape whose edge is `beyond` it; the edge is one pixel soft.
fn covered(beyond: f32, unit: f32) -> f32 {
    (0.5 - beyond * unit).clamp(0.0, 1.0)
}

fn distance([x, y]: [f32; 2], (from, to): Stroke) -> f32 {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let length = dx.mul_add(dx, dy * dy);
    let along = if length > 0.0 {
        (((x - from[0]) * dx + (y - from[1]) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (x - along.mul_add(dx, from[0])).hypot(y - along.mul_add(dy, from[1]))
}

/// Lays `colour` over a pixel of straight alpha.
fn paint(pixel: &mut [u8], colour: [u8; 3], cover: f32) {
    let [red, green, blue, alpha] = pixel else { return };
    let below = f32::from(*alpha) / 255.0 * (1.0 - cover);
    let whole = cover + below;
    if whole <= 0.0 {
        return;
    }
    for (channel, new) in [red, green, blue].into_iter().zip(colour) {
        *channel = to_u8((f32::from(new) * cover + f32::from(*channel) * below) / whole);
    }
    *alpha = to_u8(whole * 255.0);
}

const fn to_f32(pixels: u32) -> f32 {
    pixels as f32
}

fn to_u8(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn counted(count: usize) -> Image<'static> {
        with_count(&Image::new_owned(vec![0; 64 * 64 * 4], 64, 64), count)
    }

    #[test]
    fn every_count_up_to_nine_has_a_picture_of_its_own_and_more_are_many() {
        let pictures: BTreeSet<_> = (1..=10).map(|count| counted(count).rgba().to_vec()).collect();
        assert_eq!(pictures.len(), 10);
        assert_eq!(counted(10).rgba(), counted(250).rgba());
    }

    #[test]
    fn a_digit_stands_white_on_red_and_the_rest_of_the_icon_is_left_alone() {
        let picture = counted(8);
        let pixel = |x: usize, y: usize| picture.rgba().get((y * 64 + x) * 4..).unwrap()[..4].to_vec();
        assert_eq!(pixel(43, 33), [255, 255, 255, 255]);
        assert_eq!(pixel(43, 38), [0xc6, 0x2f, 0x1d, 255]);
        assert_eq!(pixel(10, 10), [0, 0, 0, 0]);
    }
}
