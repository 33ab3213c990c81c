// Textures of images, drawn where something draws (gl).

module: gltexture {
use gl;
use glu;
use image;

\: createScalable2DTexture (int; image im)
{
    let name = glGenTextures(1)[0];
    glEnable(GL_TEXTURE_2D);
    glBindTexture(GL_TEXTURE_2D, name);
    gluBuild2DMipmaps(GL_TEXTURE_2D, GL_RGBA, im.width, im.height, GL_RGBA, im.data);
    name;
}

\: drawTexture (void;
                int texid,
                float x,
                float y,
                float w,
                float h,
                float opacity,
                bool flip = false,
                bool flop = false)
{
    let left = if flop then 1.0 else 0.0,
        low = if flip then 1.0 else 0.0;

    glEnable(GL_TEXTURE_2D);
    glBindTexture(GL_TEXTURE_2D, texid);
    glEnable(GL_BLEND);
    glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
    glColor(1, 1, 1, opacity);
    glBegin(GL_QUADS);
    glTexCoord(left, low);
    glVertex(x, y, 0);
    glTexCoord(left, 1.0 - low);
    glVertex(x, y + h, 0);
    glTexCoord(1.0 - left, 1.0 - low);
    glVertex(x + w, y + h, 0);
    glTexCoord(1.0 - left, low);
    glVertex(x + w, y, 0);
    glEnd();
}
}
