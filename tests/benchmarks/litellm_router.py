"""Prints the CPU microseconds of one call of litellm's router with a mocked answer. Runs in the peers' own Python."""

import asyncio
import json
import logging
import sys
import time

import litellm

logging.disable(logging.CRITICAL)

ROUTER = litellm.Router(
    model_list=[{"model_name": "peer", "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "none"}}]
)
MESSAGES = [{"role": "user", "content": "What is this garment?"}]


async def main(calls: int) -> float:
    for _ in range(20):
        await ROUTER.acompletion(model="peer", messages=MESSAGES, mock_response="A shirt.")
    start = time.process_time()
    for _ in range(calls):
        await ROUTER.acompletion(model="peer", messages=MESSAGES, mock_response="A shirt.")
    return (time.process_time() - start) / calls * 1e6


print(json.dumps(asyncio.run(main(int(sys.argv[1])))))
