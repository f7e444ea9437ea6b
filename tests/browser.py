"""What people do in a browser that takes more than one line to say."""


def follow(link):
    """Presses what leads to another page, and waits for that page with its scripts: who types earlier is not heard by them."""
    with link.page.expect_navigation():
        link.click()
