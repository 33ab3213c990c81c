// Little pictures and text boxes that packages draw. Nothing is drawn in a player; what has an
// answer (sizes, wrapped text, regions) gives it.

module: glyph {
use gl;
use glu;
use math;
use math_util;
use io;
use rvtypes;
use commands;
require gltext;

global regex MatchRN = "\r\n";
global regex MatchNN = "\n\n";

// -- glyphs ---------------------------------------------------------------------------------

\: xformedGlyph (Glyph; Glyph g, float angle, float scale = 1.0)
{
    \: (void; bool outline) { g(outline); };
}

\: xformedGlyph (Glyph; Glyph g, Point tran, float angle, float scale = 1.0)
{
    \: (void; bool outline) { g(outline); };
}

documentation: "Two glyphs, one over the other.";
operator: & (Glyph; Glyph a, Glyph b)
{
    \: (void; bool outline) { a(outline); b(outline); };
}

\: coloredGlyph (Glyph; Glyph g, Color c)
{
    \: (void; bool outline) { glColor(c); g(outline); };
}

\: triangleGlyph (void; bool outline) {;}
\: circleGlyph (void; bool outline) {;}
\: squareGlyph (void; bool outline) {;}
\: pauseGlyph (void; bool outline) {;}
\: advanceGlyph (void; bool outline) {;}
\: rgbGlyph (void; bool outline) {;}
\: drawXGlyph (void; bool outline) {;}
\: drawStopGlyph (void; bool outline) {;}
\: infoGlyph (void; bool outline) {;}
\: circleLerpGlyph (void; float start, bool outline) {;}
\: tformCircle (void; bool outline) {;}
\: tformTriangle (void; float angle, bool outline) {;}
\: translateIconGlyph (void; bool outline) {;}
\: translateXIconGlyph (void; bool outline) {;}
\: translateYIconGlyph (void; bool outline) {;}

\: draw (Glyph g, float x, float y, float angle, float size, bool outline) { g(outline); }

// -- shapes ---------------------------------------------------------------------------------

\: glSetupProjection (void; int w, int h) {;}
\: setupProjection (void; float w, float h, bool vflip = false) {;}

\: setupProjectionFromEvent (void; Event event)
{
    let view = event.domain();
    setupProjection(view.x, view.y, event.domainVerticalFlip());
}

\: drawRect (void; int glenum, Vec2 a, Vec2 b, Vec2 c, Vec2 d) {;}
\: drawLineBox (void; Vec2 a, Vec2 b, Vec2 c, Vec2 d) {;}
\: drawColoredLineBox (void;
                       float red,
                       float green,
                       float blue,
                       Vec2 a,
                       Vec2 b,
                       Vec2 c,
                       Vec2 d) {;}
\: drawCircleFan (void;
                  float x,
                  float y,
                  float w,
                  float start,
                  float end,
                  float ainc,
                  bool outline = false) {;}
\: drawRoundedBox (void; int x0, int y0, int x1, int y1, int m, Color c, Color oc) {;}
\: drawCloseButton (void; float x, float y, float radius, Color bg, Color fg) {;}

// -- text -----------------------------------------------------------------------------------

documentation: "The last place of a sorted array that is not above a number; -1: none.";
\: lower_bounds (int; int[] array, int n)
{
    int found = -1;
    int above = array.size();

    while (above - found > 1)
    {
        let middle = (found + above) / 2;
        if (array[middle] <= n) found = middle;
        else above = middle;
    }

    found;
}

documentation: "The box of a text on a rounded plate.";
\: drawTextWithCartouche (BBox;
                          float x,
                          float y,
                          string text,
                          float textsize,
                          Color textcolor,
                          Color bgcolor,
                          Glyph g = nil,
                          Color gcolor = Color(.2,.2,.2,1),
                          float[] textSizes = nil)
{
    gltext.size(int(textsize));
    let box = gltext.bounds(text),
        top = gltext.ascenderHeight(),
        bottom = gltext.descenderDepth(),
        pad = (top - bottom) * .05,
        y0 = y + bottom - pad,
        y1 = y + top + pad,
        cap = (y1 - y0) * 0.5;  // the ends of the plate are half circles
    BBox(x - pad - cap, y0, x + box[2] + box[0] + pad + cap, y1);
}

documentation: "A size at which a text, or a table, fits into a box.";
\: largestFitting (int; (bool;int) fits)
{
    int low = 4;
    int high = 2048;

    while (high - low > 1)
    {
        let size = (low + high) / 2;
        gltext.size(size);
        if (fits(size)) low = size;
        else high = size;
    }

    gltext.size(low);
    low - 2;
}

\: fitTextInBox (int; string text, int w, int h)
{
    if (text eq nil || text.size() == 0) throw exception("ERROR: fitTextInBox: empty string.");

    largestFitting(\: (bool; int size)
    {
        let box = gltext.bounds(text);
        box[2] + box[0] <= w && box[3] + box[1] <= h;
    });
}

documentation: "Break a text at spaces, where a line is longer than wrap.";
\: wrapValue (string; string value, int wrap)
{
    string wrapped;
    int used = 0;

    for_each (word; string.split(value, " "))
    {
        let full = used > wrap;
        wrapped += (if full then "\n" else "") + word + " ";
        used = (if full then 0 else used) + word.size() + 1;
    }

    if wrap > 0 then wrapped else value;
}

documentation: "Size of a table, boxes of its names and values, width of the names.";
\: nameValuePairBounds (NameValueBounds; (string, string)[] pairs, int margin)
{
    let names = float[4][](),
        values = float[4][](),
        line = gltext.ascenderHeight() - gltext.descenderDepth();
    int left = 0;  // whole pixels: every sum and width is cut
    int right = 0;
    int height = 2 * margin;

    for_each (pair; pairs)
    {
        let name = gltext.bounds(pair._0),
            value = gltext.bounds(pair._1);
        names.push_back(name);
        values.push_back(value);
        left = max(left, name[2] + name[0]);
        right = max(right, value[2] + value[1]);
        height += line;
    }

    (Vec2(left + right, height), names, values, left);
}

documentation: "The lines of a value; a blank is what keeps an empty line.";
\: valueLines (string[]; string value, int wrap)
{
    let text = if value.size() > wrap then wrapValue(value, wrap) else value;
    string.split(MatchNN.replace(MatchRN.replace(text, "\n"), "\n \n"), "\n\r");
}

documentation: "One pair a line: the last line of a value comes first.";
\: expandNameValuePairs (StringPair[]; StringPair[] pairs, int wrap = 0)
{
    StringPair[] rows;

    for_each (pair; pairs)
    {
        let lines = valueLines(pair._1, wrap);

        if (lines.size() < 2)
        {
            rows.push_back(pair);
            continue;
        }

        for (int i = lines.size() - 1; i >= 0; i--)
        {
            let name = if i == 0 then pair._0 else "";
            if (lines[i] != "") rows.push_back(StringPair(name, lines[i]));
        }
    }

    rows;
}

\: fitNameValuePairsInBox (int; StringPair[] pairs, int margin, int w, int h)
{
    if (pairs.size() == 0) throw exception("ERROR: fitNameValuePairsInBox: empty pairs.");

    largestFitting(\: (bool; int size)
    {
        let box = nameValuePairBounds(pairs, margin)._0;
        box.x <= w && box.y <= h;
    });
}

documentation: "A size between limits that count when above 0; the upper one wins.";
\: limited (float; float size, int least, int most)
{
    let enough = if least > 0 && size < least then float(least) else size;
    if most > 0 && enough > most then float(most) else enough;
}

\: drawNameValuePairs (NameValueBounds;
                       StringPair[] pairs,
                       Color fg,
                       Color bg,
                       int x,
                       int y,
                       int margin,
                       int maxw = 0,
                       int maxh = 0,
                       int minw = 0,
                       int minh = 0,
                       bool nobox = false)
{
    let (box, names, values, left) = nameValuePairBounds(pairs, margin),
        shown = Vec2(limited(box.x, minw, maxw), limited(box.y, minh, maxh));
    (shown, names, values, left);
}

documentation: "The region under the pointer, -1: none. Regions share the height of the view.";
\: drawDropRegions (int; int w, int h, int x, int y, int margin, string[] descriptors)
{
    let border = margins(),
        pixels = devicePixelRatio(),
        gap = margin * pixels,
        each = (h - border[2] - border[3]) / descriptors.size(),
        found = -1;

    for_index (i; descriptors)
    {
        let bottom = each * i + gap + border[3],
            top = each * (i + 1) - gap + border[3];
        if (bottom <= y * pixels && y * pixels <= top) found = i;
    }

    found;
}

\: drawBlockedRegions (void;
                       int w,
                       int h,
                       int x,
                       int y,
                       int margin,
                       string[] descriptors) {;}
}
