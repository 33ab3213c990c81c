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

\: coloredGlyph (Glyph; Glyph g, Color c)
{
    \: (void; bool outline)
    {
        glColor(c);
        g(outline);
    };
}

operator: & (Glyph; Glyph a, Glyph b)
{
    \: (void; bool outline)
    {
        a(outline);
        b(outline);
    };
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
    let d = event.domain();
    setupProjection(d.x, d.y, event.domainVerticalFlip());
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
    let b = gltext.bounds(text),
        a = gltext.ascenderHeight(),
        d = gltext.descenderDepth(),
        mx = (a - d) * .05,
        x0 = x - mx,
        x1 = x + b[2] + b[0] + mx,
        y0 = y + d - mx,
        y1 = y + a + mx,
        rad = (y1 - y0) * 0.5;
    return BBox(x0 - rad, y0, x1 + rad, y1);
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
        let b = gltext.bounds(text);
        b[2] + b[0] <= w && b[3] + b[1] <= h;
    });
}

\: wrapValue (string; string value, int wrap)
{
    if (wrap <= 0) return value;

    int count = 0;
    string wrapped;

    for_each (word; string.split(value, " "))
    {
        if (count > wrap)
        {
            wrapped += "\n";
            count = 0;
        }

        wrapped += word + " ";
        count += word.size() + 1;
    }

    return wrapped;
}

documentation: "Size of a table, boxes of its names and values, width of the names.";
\: nameValuePairBounds (NameValueBounds; (string, string)[] pairs, int margin)
{
    let nw = 0,
        vw = 0,
        h = 0,
        d = gltext.descenderDepth(),
        line = gltext.ascenderHeight() - d,
        names = float[4][](),
        values = float[4][]();

    for_each (p; pairs)
    {
        let bn = gltext.bounds(p._0),
            bv = gltext.bounds(p._1);
        names.push_back(bn);
        values.push_back(bv);
        nw = max(nw, bn[2] + bn[0]);
        vw = max(vw, bv[2] + bv[1]);
        h += line;
    }

    (Vec2(nw + vw, h + 2 * margin), names, values, nw);
}

documentation: "One pair a line: the last line of a value comes first.";
\: expandNameValuePairs (StringPair[]; StringPair[] pairs, int wrap = 0)
{
    StringPair[] out;

    for_each (p; pairs)
    {
        let (name, value) = p;
        if (wrap > 0 && value.size() > wrap) value = wrapValue(value, wrap);
        value = MatchNN.replace(MatchRN.replace(value, "\n"), "\n \n");
        let lines = string.split(value, "\n\r");

        if (lines.size() > 1)
        {
            for (int i = lines.size() - 1; i > 0; i--)
            {
                if (lines[i] != "") out.push_back(StringPair("", lines[i]));
            }

            if (lines[0] != "") out.push_back(StringPair(name, lines[0]));
        }
        else
        {
            out.push_back(p);
        }
    }

    out;
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
    let (box, names, values, nw) = nameValuePairBounds(pairs, margin);
    if (minw > 0 && box.x < minw) box.x = minw;
    if (minh > 0 && box.y < minh) box.y = minh;
    if (maxw > 0 && box.x > maxw) box.x = maxw;
    if (maxh > 0 && box.y > maxh) box.y = maxh;
    (box, names, values, nw);
}

documentation: "The region under the pointer, -1: none. Regions share the height of the view.";
\: drawDropRegions (int; int w, int h, int x, int y, int margin, string[] descriptors)
{
    let m = margins(),
        scale = devicePixelRatio(),
        bsize = (h - m[2] - m[3]) / descriptors.size(),
        found = -1;

    for_index (i; descriptors)
    {
        let y0 = bsize * i + margin * scale + m[3],
            y1 = bsize * (i + 1) - margin * scale + m[3];
        if (y * scale >= y0 && y * scale <= y1) found = i;
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
