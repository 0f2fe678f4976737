"""The menu of ivr_menu.py on FastAPI, beside an endpoint of your own: uvicorn ivr_menu_fastapi:app --port 3000

The URL is /webhooks/ with the slash. FastAPI redirects the path without it, and Bandwidth may not follow redirects.
"""

from fastapi import FastAPI
from ivr_menu import webhooks

app = FastAPI()
app.mount("/webhooks", webhooks.asgi)


@app.get("/health")
async def health() -> dict[str, str]:
    """Return the health of the server."""
    return {"status": "up"}


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app, port=3000)
